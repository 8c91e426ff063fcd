"""When each step of a workshop begins and ends."""

from dataclasses import dataclass
from itertools import accumulate

from lti_app.content.rules.catalog import Outline, Step


@dataclass(frozen=True, slots=True)
class TimedStep:
    """`begins`, `ends`: minutes from the beginning of the workshop."""

    begins: int
    ends: int
    step: Step


def time_steps(outline: Outline) -> tuple[TimedStep, ...]:
    """The steps in order."""
    ends = accumulate(step.minutes for step in outline.steps)
    return tuple(
        TimedStep(end - step.minutes, end, step)
        for step, end in zip(outline.steps, ends, strict=True)
    )
