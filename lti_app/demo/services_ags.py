"""Assignment and Grade Services, on lti1p3platform's dispatcher, with Moodle's answers.

The library calls the methods below once the bearer token is checked; the scopes it checks against
are those of one endpoint, given by the route (the library would accept any AGS scope anywhere).
"""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from lti1p3platform.exceptions import LtiServiceException
from lti1p3platform.request import Request
from lti1p3platform.score import UpdateScoreStatus
from lti1p3platform.service_connector import AssignmentsGradesService
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_app.demo import grades, queries
from lti_app.demo.line_items import (
    as_json,
    line_item_page_links,
    line_item_url,
    line_items_url,
    next_line_item_id,
    rescale_grades,
    result_json,
)
from lti_app.demo.models import Activity, Course, Grade, LineItem
from lti_app.demo.models_tools import ToolType
from lti_app.demo.platform import Platform


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address called: a course, and the tool type of `?type_id=` (None when unknown)."""

    course_id: str
    tool_type: ToolType | None
    scopes: tuple[str, ...]
    raw_body: str = ""


class GradeService(AssignmentsGradesService):  # type: ignore[misc]
    """One AGS call."""

    def __init__(
        self,
        request: Request,
        *,
        platform: Platform,
        session: Session,
        endpoint: Endpoint,
    ) -> None:
        self._platform = platform
        self._session = session
        self._endpoint = endpoint
        self._base = platform.settings.services_url
        self._zone = ZoneInfo(platform.settings.time_zone)
        self.link_header: str | None = None
        known = endpoint.tool_type
        super().__init__(
            request,
            platform.conf(None if known is None else platform.tool(known), session),
            line_items_url(self._base, endpoint.course_id, None if known is None else known.id),
        )

    @property
    def allowed_scopes(self) -> list[str]:
        """The scopes that open this endpoint, not all those of the service."""
        return list(self._endpoint.scopes)

    # What the library asks of the platform -----------------------------------------------------

    def find_lineitems(self, **filters: str) -> dict[str, Any]:
        """The columns of the course that belong to the tool type."""
        course = self._course()
        items = queries.line_items(
            self._session,
            course_id=course.id,
            tool_type_id=self._tool_type().id,
            resource_link_id=filters.get("resource_link_id") or filters.get("lti_link_id"),
            resource_id=filters.get("resource_id"),
            tag=filters.get("tag"),
        )
        limit, start = _whole(filters.get("limit")), _whole(filters.get("from"))
        if limit:
            self.link_header = line_item_page_links(
                line_items_url(self._base, course.id), filters, self._tool_type().id, len(items)
            )
            items = items[start : start + limit]
        return {"content": [as_json(self._base, item) for item in items], "has_next": False}

    def find_lineitem(self, line_item_id: str) -> dict[str, Any]:
        """One column, as JSON."""
        return as_json(self._base, self._line_item(line_item_id))

    def create_lineitem(self, creation_data: dict[str, Any]) -> dict[str, Any]:
        """A new column, every time: the same tag twice makes two columns."""
        course = self._course()
        label, maximum = _label_and_maximum(creation_data, "No label or Score Maximum")
        link = creation_data.get("resourceLinkId") or creation_data.get("ltiLinkId")
        item = LineItem(
            id=next_line_item_id(self._session),
            course_id=course.id,
            tool_type_id=self._tool_type().id,
            activity_id=self._activity_id(link) if link else None,
            label=label,
            score_maximum=maximum,
            resource_id=str(creation_data.get("resourceId") or ""),
            tag=str(creation_data.get("tag") or ""),
        )
        self._session.add(item)
        self._session.flush()
        return {**creation_data, "id": line_item_url(self._base, item)}

    def update_lineitem(self, update_data: dict[str, Any]) -> dict[str, Any]:
        """Rename or rescale a column; grades keep their percentage. The body is sent back."""
        item = self._line_item(update_data["id"])
        label, maximum = _label_and_maximum(update_data, "")
        link = update_data.get("resourceLinkId") or update_data.get("ltiLinkId")
        activity_id = self._activity_id(link) if link else item.activity_id
        rescale_grades(self._session, item, new_maximum=maximum)
        item.label = label
        item.score_maximum = maximum
        item.resource_id = str(update_data.get("resourceId") or "")
        item.tag = str(update_data.get("tag") or "")
        item.activity_id = activity_id
        return {**update_data, "id": line_item_url(self._base, item)}

    def delete_lineitem(self, line_item_id: str) -> None:
        """Remove a column that the tool made."""
        item = self._line_item(line_item_id)
        if item.coupled:
            raise LtiServiceException("", 403)
        self._session.delete(item)

    def update_score(self, line_item_id: str, score: Any) -> UpdateScoreStatus:
        """Keep, or erase, the grade of one person."""
        item = self._line_item(line_item_id)
        try:
            parsed = grades.parse_score(score, zone=self._zone)
            person_id = queries.gradable_person_id(
                self._session, course_id=item.course_id, user_id=parsed.user_id
            )
        except (grades.IncorrectScoreError, LookupError) as error:
            # Moodle pastes the body it received behind its text.
            reason = f"Incorrect score received{self._endpoint.raw_body}"
            raise LtiServiceException(reason, 400) from error
        grade = queries.grade(self._session, line_item_id=item.id, person_id=person_id)
        if (
            grade is not None
            and grade.scored_at is not None
            and grade.scored_at >= parsed.timestamp
        ):
            reason = (
                f"Refusing score with an earlier timestamp for item {item.id} and user {person_id}"
            )
            raise LtiServiceException(reason, 409)
        if grade is None:
            grade = Grade(line_item_id=item.id, person_id=person_id)
            self._session.add(grade)
        raw = grades.raw_score(parsed, column_maximum=item.score_maximum)
        grade.raw_score = raw
        grade.final_score = grades.final_score(raw, column_maximum=item.score_maximum)
        grade.feedback = parsed.comment
        grade.scored_at = None if raw is None else parsed.timestamp
        return UpdateScoreStatus.SUCCESS

    def get_results(self, line_item_id: str, **filters: str) -> dict[str, Any]:
        """The grades of a column; people without grade are absent."""
        item = self._line_item(line_item_id)
        rows = self._session.scalars(
            select(Grade)
            .where(Grade.line_item_id == item.id, Grade.final_score.is_not(None))
            .order_by(Grade.person_id)
        )
        wanted = filters.get("user_id")
        found = [
            result_json(self._base, item, row, zone=self._zone)
            for row in rows
            if wanted is None or str(row.person_id) == wanted
        ]
        return {"content": found, "has_next": False}

    # Rows --------------------------------------------------------------------------------------

    def _course(self) -> Course:
        course = self._session.get(Course, _whole(self._endpoint.course_id))
        if course is None:
            text = f"Not Found: Course {self._endpoint.course_id} doesn't exist"
            raise LtiServiceException(text, 404)
        return course

    def _tool_type(self) -> ToolType:
        tool_type = self._endpoint.tool_type
        if tool_type is None:
            raise LtiServiceException("", 401)
        return tool_type

    def _line_item(self, line_item_id: str) -> LineItem:
        tool_type, course = self._tool_type(), self._course()
        item = self._session.get(LineItem, _whole(line_item_id))
        if item is None:
            text = f"Not Found: Grade item {line_item_id} doesn't exist"
            raise LtiServiceException(text, 404)
        if item.course_id != course.id or item.tool_type_id != tool_type.id:
            raise LtiServiceException("Line item does not exist", 404)
        return item

    def _activity_id(self, link: object) -> int:
        activity = self._session.get(Activity, _whole(str(link)))
        if (
            activity is None
            or str(activity.course_id) != self._endpoint.course_id
            or activity.tool_type_id != self._tool_type().id
        ):
            raise LtiServiceException("", 403)
        return activity.id


def _whole(text: str | None) -> int:
    """A non-negative integer, or 0: PHP's PARAM_INT."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0


def _label_and_maximum(body: dict[str, Any], reason: str) -> tuple[str, float]:
    label, maximum = body.get("label"), body.get("scoreMaximum")
    if label is None or maximum is None:
        raise LtiServiceException(reason, 400)
    try:
        number = float(maximum)
    except (TypeError, ValueError) as error:
        raise LtiServiceException("", 400) from error
    if not 0 <= number < 1e9:
        raise LtiServiceException("", 400)
    return str(label), number
