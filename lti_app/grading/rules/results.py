"""What the gradebook shows beside what was sent to it."""

from dataclasses import dataclass

TOLERANCE = 0.05
"""Points out of 100: gradebooks keep five decimals of their own scale."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A grade as the LMS has it; no `score` where it shows none."""

    score: float | None
    maximum: float

    @property
    def percentage(self) -> float | None:
        """Out of 100; None for no grade, or a column out of nothing."""
        if self.score is None or self.maximum <= 0:
            return None
        return 100 * self.score / self.maximum


def differs(sent_score: int | None, shown: Shown) -> bool:
    """Whether the LMS shows something else than the score (0…100) that it acknowledged."""
    if sent_score is None:
        return shown.percentage is not None
    if shown.percentage is None:
        # A column out of nothing cannot be compared.
        return shown.score is None
    return abs(shown.percentage - sent_score) > TOLERANCE
