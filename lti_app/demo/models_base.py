"""The base of the demonstration LMS's tables, and the numbers it gives out."""

from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    """Tables of the demonstration LMS only."""


class Counter(Base):
    """The last number given to a kind of thing."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


def next_number(session: Session, name: str, *, above: int) -> int:
    """A number never given before, even to what was deleted since.

    A resource link or a deployment that took the number of a dead one would inherit what the tool
    remembers of it. `above` is the highest number in use, for rows made without a counter.
    """
    counter = session.get(Counter, name)
    if counter is None:
        counter = Counter(name=name, value=0)
        session.add(counter)
    counter.value = max(counter.value, above) + 1
    return counter.value
