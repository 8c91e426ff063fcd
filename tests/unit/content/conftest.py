"""The sample folder."""

from pathlib import Path

import pytest

from tests.unit.content.sample import write_courses


@pytest.fixture
def courses(tmp_path: Path) -> Path:
    """A folder without any problem."""
    return write_courses(tmp_path / "courses")
