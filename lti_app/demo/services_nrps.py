"""Names and Role Provisioning Service, on lti1p3platform's dispatcher, with Moodle's answers."""

from typing import Any
from urllib.parse import urlencode

from lti1p3platform.exceptions import LtiServiceException
from lti1p3platform.membership import Context
from lti1p3platform.request import Request
from lti1p3platform.service_connector import NamesRoleProvisioningService
from sqlalchemy.orm import Session

from lti_app.demo import queries
from lti_app.demo.claims import basic_outcome
from lti_app.demo.line_items import memberships_url
from lti_app.demo.models import Activity, Course, Person, Role
from lti_app.demo.platform import Platform
from lti_app.demo.tools import find_tool

_MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
_ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/person#Administrator"


class MemberService(NamesRoleProvisioningService):  # type: ignore[misc]
    """One roster call."""

    def __init__(
        self,
        request: Request,
        *,
        platform: Platform,
        session: Session,
        course_id: str,
        type_id: str,
    ) -> None:
        self._platform = platform
        self._session = session
        self._course_id = course_id
        self._activity: Activity | None = None
        self.link_header: str | None = None
        self._tool_type = find_tool(session, type_id)
        known = self._tool_type
        super().__init__(
            request,
            platform.conf(None if known is None else platform.tool(known), session),
            memberships_url(platform.settings.services_url, course_id, type_id),
        )

    def get_context_by_id(self) -> Context:
        """The course, or 404."""
        known = self._course_id.isascii() and self._course_id.isdigit()
        course = self._session.get(Course, int(self._course_id)) if known else None
        if course is None:
            raise LtiServiceException(f"Not Found: Course {self._course_id} doesn't exist", 404)
        if self._tool_type is None:
            raise LtiServiceException("", 401)
        return Context(id=str(course.id), label=course.shortname, title=course.fullname)

    def is_resource_link_valid(self, context_id: str, resource_link_id: str) -> bool:
        """Remember the activity named by `rlid`, or 404."""
        known = resource_link_id.isascii() and resource_link_id.isdigit()
        activity = self._session.get(Activity, int(resource_link_id)) if known else None
        if activity is None or str(activity.course_id) != context_id:
            raise LtiServiceException(f"Not Found: LTI link {resource_link_id} doesn't exist", 404)
        self._activity = activity
        return True

    def get_member_data_page(self, **query: str) -> dict[str, Any]:
        """One page of members; everyone when no limit is asked.

        The library would compute the next page by adding 1 to a string; `from` counts people here,
        as in Moodle.
        """
        rows = queries.members(self._session, course_id=int(self._course_id))
        wanted = query.get("role", "").removeprefix(_MEMBERSHIP)
        if wanted in ("Learner", "Instructor"):
            rows = [row for row in rows if wanted in member_roles(row)]
        limit = _whole(query.get("limit")) or self._platform.settings.members_page_size
        start = _whole(query.get("from"))
        if limit:
            if start + limit < len(rows):
                self.link_header = self._next_link(limit, start + limit)
            rows = rows[start : start + limit]
        people = queries.people(self._session, [row.person_id for row in rows])
        content = [self._member(row, people[row.person_id]) for row in rows]
        return {"content": content, "has_next": False}

    def _next_link(self, limit: int, start: int) -> str:
        # Moodle forgets `role` here: a tool that filters must add it again.
        args = {"limit": limit, "from": start}
        if self._activity is not None:
            args["rlid"] = self._activity.id
        return f'<{self.nrps.context_memberships_url}?{urlencode(args)}>; rel="next"'

    def _member(self, row: queries.Member, person: Person) -> dict[str, Any]:
        member: dict[str, Any] = {
            "status": "Active",
            "roles": member_roles(row),
            "user_id": str(person.id),
            "lis_person_sourcedid": person.idnumber,
        }
        if self._activity is not None:
            outcome = basic_outcome(self._platform, self._session, self._activity, person)
            message_type = "https://purl.imsglobal.org/spec/lti/claim/message_type"
            member["message"] = [{message_type: "LtiResourceLinkRequest", **outcome}]
        return member | self._identity(person)

    def _identity(self, person: Person) -> dict[str, str]:
        if self._tool_type is None or person.identity_withheld:
            return {}
        email = {"email": person.email} if self._tool_type.shares_email else {}
        if not self._tool_type.shares_name:
            return email
        return {
            "name": person.name,
            "given_name": person.given_name,
            "family_name": person.family_name,
            **email,
            "ext_user_username": person.username,
        }


def member_roles(row: queries.Member) -> list[str]:
    """Short role names, unlike launches. A non-editing teacher is a Learner here."""
    teaches = row.role in (Role.EDITING_TEACHER, Role.MANAGER)
    roles = ["Instructor" if teaches else "Learner"]
    return [*roles, _ADMINISTRATOR] if row.administers else roles


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
