"""Looking for a column in the gradebook, and asking for one: a few requests, no database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lti_app.core.outbound import OutboundSession
from lti_app.grading.rules import TAG, Match, Problem, match_columns
from lti_app.grading.services.delivering import SCORE_MAXIMUM
from lti_app.lti.rules.line_items import LineItem
from lti_app.lti.services.ags import is_on
from lti_app.lti.services.ags_gradebook import GradebookError
from lti_app.lti.services.service_access import GradebookCaller, ServiceAccess
from lti_app.lti.services.tokens import TokenError


@dataclass(frozen=True, slots=True)
class Search:
    """A leased search, with all that is needed to look without the database.

    `link_ids`: our ids of the activities without column, by the LMS's. `settling`: a column was
    asked for a moment ago and may still appear: none may be asked for now.
    """

    search_id: int
    course_id: int
    target: str
    holder_id: int
    link_ids: Mapping[str, int]
    line_items_url: str
    label: str
    may_make: bool
    settling: bool
    attempts: int
    leased_until: datetime
    access: ServiceAccess


@dataclass(slots=True)
class Finding:
    """What a search came to: columns, or the problem. `was_refused`: the LMS made none, surely."""

    caller: GradebookCaller
    coupled: Mapping[str, LineItem] = field(default_factory=dict)
    own: LineItem | None = None
    problem: Problem | None = None
    was_refused: bool = False


def search_gradebook(
    search: Search,
    *,
    http: OutboundSession,
    clock: Callable[[], datetime],
    announce: Callable[[], bool],
) -> Finding:
    """Find the columns, or make ours once `announce` says that we may.

    Raises nothing that the platform or the network may cause.
    """
    finding = Finding(GradebookCaller(search.access, http, clock))
    try:
        _look(search, finding)
        if finding.coupled or finding.own is not None or finding.problem is not None:
            return finding
        if search.may_make:
            finding.problem = Problem.AWAITING_LINE_ITEM
            if not search.settling and announce() and clock() < search.leased_until:
                _make(search, finding)
    except GradebookError as error:
        finding.problem = _problem(error)
    except TokenError as error:
        finding.problem = Problem(error.reason)
    return finding


def _look(search: Search, finding: Finding) -> None:
    """Every column that Relais may see is asked for: they are few, and filters cost a request per
    activity."""
    items = finding.caller.call(lambda book: book.line_items(search.line_items_url))
    match = _trusted_match(search, items)
    finding.coupled, finding.own = match.coupled, match.own
    if match.own is None and _match(search, items).own is not None:
        # Ours, but at an address where no score may be sent: another would be made there too.
        finding.problem = Problem.FORBIDDEN_URL


def _trusted_match(search: Search, items: list[LineItem]) -> Match:
    # A column elsewhere would be refused each time a score is sent: it is no column of ours.
    return _match(search, [item for item in items if is_on(search.access.hosts, item.url)])


def _match(search: Search, items: list[LineItem]) -> Match:
    return match_columns(items, link_ids=search.link_ids.keys(), target=search.target)


def _make(search: Search, finding: Finding) -> None:
    try:
        made = finding.caller.call(
            lambda book: book.create(
                search.line_items_url,
                label=search.label,
                maximum=SCORE_MAXIMUM,
                resource_id=search.target,
                tag=TAG,
            )
        )
    except GradebookError as error:
        if not error.is_uncertain:
            finding.was_refused = True
            raise
        # The answer was lost, perhaps not the request.
        _look_again(search, finding)
        if finding.own is None:
            raise
        return
    if not is_on(search.access.hosts, made.url):
        finding.problem = Problem.FORBIDDEN_URL
        return
    finding.own, finding.problem = made, None


def _look_again(search: Search, finding: Finding) -> None:
    items = finding.caller.call(
        lambda book: book.line_items(search.line_items_url, resource_id=search.target, tag=TAG)
    )
    finding.own = _trusted_match(search, items).own
    if finding.own is not None:
        finding.problem = None


def _problem(error: GradebookError) -> Problem:
    """A refusal of the search; a course whose columns are not found is no column that is gone."""
    problem = Problem(error.reason)
    return Problem.REJECTED if problem is Problem.LINE_ITEM_GONE else problem
