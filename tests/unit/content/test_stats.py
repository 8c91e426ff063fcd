"""Figures on the modules."""

import json
from dataclasses import asdict
from pathlib import Path

from lti_app.content.rules.source import read_courses
from lti_app.content.rules.stats import all_stats


def test_what_lessons_and_questions_cover_is_counted(full: Path) -> None:
    (found,) = all_stats(read_courses(full))
    assert (found.objectives_served, found.objectives) == (3, 3)
    assert (found.misconceptions_covered, found.misconceptions) == (1, 1)
    assert (found.terms, found.figures, found.kit, found.families) == (3, 1, True, 3)
    assert [(fact["subject"], fact["check_by"]) for fact in found.dated_facts] == [
        ("petit-un", "2026-09-01"),
        ("petit-q01", "2026-09-01"),
    ]
    assert found.references_used == ["dehaene2018", "yang2021"]
    assert json.loads(json.dumps(asdict(found))) == asdict(found)


def test_a_small_module_has_none(courses: Path) -> None:
    (found,) = all_stats(read_courses(courses))
    assert (found.figures, found.kit, found.dated_facts, found.objectives_served) == (
        0,
        False,
        [],
        0,
    )
