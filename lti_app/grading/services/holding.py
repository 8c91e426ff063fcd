"""Which of a person's activities hold the grade of a module."""

from lti_app.grading.queries import GradableLink
from lti_app.grading.rules import Candidate, ColumnPlan, choose_holders, plan_column
from lti_app.people.models import LineItemOrigin


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
