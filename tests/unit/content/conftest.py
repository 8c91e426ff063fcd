"""The sample folder."""

from pathlib import Path

import pytest

from tests.unit.content.sample import add_supplements, write_courses


@pytest.fixture
def courses(tmp_path: Path) -> Path:
    """A folder without any problem."""
    return write_courses(tmp_path / "courses")


@pytest.fixture
def full(courses: Path) -> Path:
    """A folder without any problem, with a glossary, a figure, a kit and dated facts."""
    return add_supplements(courses)
