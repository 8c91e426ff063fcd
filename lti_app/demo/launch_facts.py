"""What a launch is about, and the values of Moodle's substitution variables for it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_app.demo import queries
from lti_app.demo.line_items import line_item_url, line_items_url, memberships_url
from lti_app.demo.models import Activity, Course, MessageKind, Person, Role, SiteRole
from lti_app.demo.models_tools import ToolType
from lti_app.demo.platform import Platform

_ADMINISTRATOR_ROLES = (
    "urn:lti:sysrole:ims/lis/Administrator",
    "urn:lti:instrole:ims/lis/Administrator",
)


@dataclass(frozen=True, slots=True)
class Message:
    """What is launched: a kind, a tool, and what it is about."""

    kind: MessageKind
    tool_type: ToolType
    course: Course | None = None
    activity: Activity | None = None
    about: Person | None = None
    """Whose attempt is reviewed, or whose data are asked about."""


@dataclass(frozen=True, slots=True)
class LaunchFacts:
    """Who launches what, from where."""

    person: Person
    message: Message
    role: str
    container: int
    sesskey: str


def shares_name(facts: LaunchFacts) -> bool:
    """Whether the tool may know this person's name."""
    return facts.message.tool_type.shares_name and not facts.person.identity_withheld


def shares_email(facts: LaunchFacts) -> bool:
    """Whether the tool may know this person's address."""
    return facts.message.tool_type.shares_email and not facts.person.identity_withheld


def short_role(role: str) -> str:
    """The membership role of a launch, without its vocabulary."""
    return "Learner" if role == Role.STUDENT else "Instructor"


def variables(platform: Platform, session: Session, facts: LaunchFacts) -> dict[str, str | None]:
    """Values of Moodle's substitution variables; None where the tool may not know."""
    message = facts.message
    course = {} if message.course is None else _course_variables(session, message.course)
    return {
        **course,
        **_link_variables(message.activity),
        **_person_variables(facts),
        **_service_variables(platform, session, message),
    }


def _course_variables(session: Session, course: Course) -> dict[str, str | None]:
    shared = {
        "title": course.fullname,
        "label": course.shortname,
        "sourcedId": course.idnumber,
        "longDescription": course.summary,
        # A Unix timestamp, not the ISO date of the specification.
        "timeFrame.begin": str(course.starts_at),
    }
    return {
        **{f"Context.{name}": value for name, value in shared.items()},
        **{f"CourseSection.{name}": value for name, value in shared.items()},
        "Context.id": str(course.id),
        "Context.id.history": ",".join(str(each) for each in queries.ancestors(session, course)),
        "CourseSection.timeFrame.end": "",
    }


def _link_variables(activity: Activity | None) -> dict[str, str | None]:
    # While content is being chosen there is no link yet: null, not the name of the variable.
    return {
        "ResourceLink.id": None if activity is None else str(activity.id),
        "ResourceLink.title": None if activity is None else activity.name,
        "ResourceLink.description": None if activity is None else activity.intro,
    }


def _person_variables(facts: LaunchFacts) -> dict[str, str | None]:
    person, named = facts.person, shares_name(facts)
    role = short_role(facts.role)
    if person.site_role == SiteRole.ADMIN:
        role = ",".join(("Instructor", *_ADMINISTRATOR_ROLES))
    return {
        "User.id": str(person.id),
        # Leaks even when names are withheld, as in Moodle.
        "User.username": person.username,
        "Person.name.full": person.name if named else None,
        "Person.name.given": person.given_name if named else None,
        "Person.name.family": person.family_name if named else None,
        "Person.email.primary": person.email if shares_email(facts) else None,
        "Person.sourcedId": person.idnumber,
        "Person.address.locality": person.city,
        "Person.address.country": person.country,
        "Person.address.timezone": "99",
        "Person.phone.primary": "",
        "Person.phone.mobile": "",
        "Membership.role": role,
        "Moodle.Person.userGroupIds": "",
    }


def _service_variables(
    platform: Platform, session: Session, message: Message
) -> dict[str, str | None]:
    base, type_id = platform.settings.services_url, message.tool_type.id
    found: dict[str, str | None] = {
        "ToolProxy.custom.url": f"{base}/tool/{type_id}/custom",
        "LtiLink.custom.url": f"{base}/links/{{link_id}}/custom",
    }
    if message.course is None:
        return found
    course_id, item = message.course.id, None
    if message.activity is not None:
        item = queries.coupled_line_item(session, activity_id=message.activity.id)
    return found | {
        "LineItem.url": "" if item is None else line_item_url(base, item),
        "LineItems.url": line_items_url(base, course_id, type_id),
        "Scores.url": "",
        "Results.url": "",
        "ToolProxyBinding.memberships.url": memberships_url(base, course_id, type_id),
        "ToolProxyBinding.custom.url": (
            f"{base}/CourseSection/{course_id}/bindings/tool/{type_id}/custom"
        ),
    }
