"""Every check of the sources, over files already read: file, line, what is wrong, what to do."""

from datetime import date

from lti_app.content.rules.checks.balance import check_balance
from lti_app.content.rules.checks.claims import check_claims
from lti_app.content.rules.checks.dates import check_dates
from lti_app.content.rules.checks.drawings import check_drawings
from lti_app.content.rules.checks.fences import check_fences
from lti_app.content.rules.checks.finished import check_finished
from lti_app.content.rules.checks.headings import check_headings
from lti_app.content.rules.checks.kits import check_kits
from lti_app.content.rules.checks.lessons import check_lessons
from lti_app.content.rules.checks.links import check_links
from lti_app.content.rules.checks.questions import check_questions
from lti_app.content.rules.checks.references import check_references
from lti_app.content.rules.checks.slips import check_slips
from lti_app.content.rules.checks.structure import check_structure
from lti_app.content.rules.checks.wording import check_wording
from lti_app.content.rules.problems import Problem, in_reading_order
from lti_app.content.rules.source import Courses

_CHECKS = (
    check_structure,
    check_references,
    check_links,
    check_lessons,
    check_headings,
    check_fences,
    check_slips,
    check_questions,
    check_balance,
    check_drawings,
    check_kits,
    check_finished,
    check_claims,
    check_wording,
)


def check(courses: Courses, today: date | None = None) -> list[Problem]:
    """All problems of the folder, those met while reading included, in reading order.

    `today`: says which dated facts are to be read again; without it, none is.
    """
    found = [problem for run in _CHECKS for problem in run(courses)]
    return in_reading_order([*courses.problems, *found, *check_dates(courses, today)])
