"""Service addresses, and columns of the gradebook as Moodle writes them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_app.demo import grades
from lti_app.demo.models import Grade, LineItem
from lti_app.demo.models_base import next_number
from lti_app.demo.service_http import number


def line_items_url(base: str, course_id: int | str, type_id: str | None = None) -> str:
    """The collection of one course; `type_id` adds the query that Moodle's addresses carry."""
    url = f"{base}/{course_id}/lineitems"
    return url if type_id is None else f"{url}?type_id={type_id}"


def line_item_url(base: str, item: LineItem, suffix: str = "", **query: object) -> str:
    """One column; `suffix` such as `/results` goes before the query."""
    args = urlencode({"type_id": item.tool_type_id, **query})
    return f"{base}/{item.course_id}/lineitems/{item.id}/lineitem{suffix}?{args}"


def memberships_url(base: str, course_id: int | str, type_id: str) -> str:
    """The roster address of one course for one tool type."""
    return f"{base}/CourseSection/{course_id}/bindings/{type_id}/memberships"


def as_json(base: str, item: LineItem) -> dict[str, Any]:
    """A column, with the fields Moodle leaves out when it has nothing to say."""
    body: dict[str, Any] = {
        "id": line_item_url(base, item),
        "label": item.label,
        "scoreMaximum": number(item.score_maximum),
    }
    if item.resource_id is not None:
        body["resourceId"] = item.resource_id
    body["tag"] = item.tag
    if item.activity_id is not None:
        body["resourceLinkId"] = body["ltiLinkId"] = str(item.activity_id)
    return body


def result_json(base: str, item: LineItem, grade: Grade, *, zone: ZoneInfo) -> dict[str, Any]:
    """A result; its timestamp is in the server's zone."""
    body: dict[str, Any] = {
        "id": line_item_url(base, item, "/results", user_id=grade.person_id),
        "userId": str(grade.person_id),
        "resultScore": number(grade.final_score or 0.0),
        "resultMaximum": number(item.score_maximum),
        "scoreOf": line_item_url(base, item),
        "timestamp": datetime.fromtimestamp(grade.scored_at or 0, zone).isoformat(),
    }
    if grade.feedback:
        body["comment"] = grade.feedback
    return body


def line_item_page_links(
    base_url: str, filters: Mapping[str, str], type_id: str, total: int
) -> str:
    """The Link header of a page of columns.

    Its curly quotes and `&amp;` are Moodle's: no standard parser finds a next page in it.
    """
    limit = int(filters["limit"])
    start = int(filters.get("from") or 0)
    names = ("resource_id", "resource_link_id", "tag")
    kept = {name: filters[name] for name in names if name in filters}
    query = urlencode({**kept, "type_id": type_id, "limit": limit})

    def link(offset: int, rel: str) -> str:
        url = f"{base_url}?{query}&from={offset}".replace("&", "&amp;")
        return f"<{url}>; rel=“{rel}”"

    in_range = 0 <= start < total
    links = [link(0, "first")]
    if start > 0 and in_range:
        links.append(link(max(start - limit, 0), "prev"))
    links.append(link(start, "canonical"))
    if start + limit <= total - 1 and in_range:
        links.append(link(start + limit, "next"))
    links.append(link(max(total - limit + 1, 0), "last"))
    return ", ".join(links)


def next_line_item_id(session: Session) -> int:
    """The number of a new column."""
    highest = session.scalar(select(func.max(LineItem.id))) or 0
    return next_number(session, "line_item", above=highest)


def rescale_grades(session: Session, item: LineItem, *, new_maximum: float) -> None:
    """Grades of a column whose maximum changes keep their percentage."""
    if not item.score_maximum or item.score_maximum == new_maximum:
        return
    factor = new_maximum / item.score_maximum
    for grade in session.scalars(select(Grade).where(Grade.line_item_id == item.id)):
        if grade.raw_score is not None:
            grade.raw_score *= factor
            grade.final_score = grades.final_score(grade.raw_score, column_maximum=new_maximum)
