"""Which rows of a long list a page shows."""

import re
from dataclasses import dataclass

PAGE_SIZE = 50
_LAST_PAGE = 100_000


@dataclass(frozen=True, slots=True)
class Paging:
    """Which rows of a long list are shown: pages begin at 1."""

    page: int
    total: int
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        """Rows before this page's."""
        return (self.page - 1) * self.size

    @property
    def previous(self) -> int | None:
        return min(self.page - 1, self.pages) if self.page > 1 else None

    @property
    def next(self) -> int | None:
        return self.page + 1 if self.page < self.pages else None


def page_number(text: str | None) -> int:
    """The page that an address asks for; the first when it says nothing of use."""
    if text is None or not re.fullmatch(r"[0-9]{1,6}", text):
        return 1
    return min(max(int(text), 1), _LAST_PAGE)
