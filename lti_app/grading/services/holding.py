"""Which activities hold the grade of a module: those of a person, and those of a course."""

from sqlalchemy.orm import Session

from lti_app.grading.queries import GradableLink, links_of_module
from lti_app.grading.rules import Candidate, ColumnPlan, choose_holders, plan_column
from lti_app.people.models import LineItemOrigin, ResourceLink


def choose_links(links: list[GradableLink]) -> list[GradableLink]:
    """Those that are owed a score, of all the links of a person (rules.choose_holders)."""
    chosen = choose_holders(
        [
            Candidate(
                link.link_id, link.course_id, link.target, link.line_item_url, _column_plan(link)
            )
            for link in links
        ]
    )
    return [link for link in links if link.link_id in chosen]


def holders_for(link_id: int, links: list[GradableLink]) -> list[GradableLink]:
    """Of the links of a course, the one that holds the grade of this one, if any does."""
    wanted = next((link for link in links if link.link_id == link_id), None)
    if wanted is None:
        return []
    return [
        link
        for link in choose_links(links)
        if link.target == wanted.target and wanted.line_item_url in {None, link.line_item_url}
    ]


def _column_plan(link: GradableLink) -> ColumnPlan:
    if link.line_item_url is not None:
        return ColumnPlan.NOTHING
    return plan_column(
        custom=link.custom,
        line_items_url=link.line_items_url,
        scopes=link.ags_scopes,
        withdrawn=link.line_item_origin == LineItemOrigin.LAUNCH,
    )


def plan_of(link: ResourceLink) -> ColumnPlan:
    """What may be done for this link, which has no column."""
    return plan_column(
        custom=link.custom,
        line_items_url=link.line_items_url,
        scopes=link.ags_scopes,
        withdrawn=link.line_item_origin == LineItemOrigin.LAUNCH,
    )


def is_holder(session: Session, link: ResourceLink) -> bool:
    """Whether the grade of the link's module waits at this link, and not at another activity."""
    links = links_of_module(session, course_id=link.course_id, target=link.target)
    others = choose_holders([_candidate(each) for each in links if each.id != link.id])
    return link.id in choose_holders([_candidate(each) for each in links]) or not others


def waiting_holder(links: list[ResourceLink]) -> ResourceLink | None:
    """The activity that waits for the module's column; None when one is there already."""
    chosen = choose_holders([_candidate(link) for link in links])
    waiting = (link for link in links if link.id in chosen and link.line_item_url is None)
    return next(waiting, None)


def _candidate(link: ResourceLink) -> Candidate:
    plan = ColumnPlan.NOTHING if link.line_item_url else plan_of(link)
    return Candidate(link.id, link.course_id, link.target, link.line_item_url, plan)
