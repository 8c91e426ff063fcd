"""Every check of the sources, over files already read: file, line, what is wrong, what to do."""

from lti_app.content.rules.checks.lessons import check_lessons
from lti_app.content.rules.checks.questions import check_questions
from lti_app.content.rules.checks.structure import check_structure
from lti_app.content.rules.checks.wording import check_wording
from lti_app.content.rules.problems import Problem, in_reading_order
from lti_app.content.rules.source import Courses

_CHECKS = (check_structure, check_lessons, check_questions, check_wording)


def check(courses: Courses) -> list[Problem]:
    """All problems of the folder, those met while reading included, in reading order."""
    found = [problem for run in _CHECKS for problem in run(courses)]
    return in_reading_order([*courses.problems, *found])
