"""What a launch is about, and the values of Moodle's substitution variables for it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_app.demo import queries
from lti_app.demo.line_items import line_item_url, line_items_url, memberships_url
from lti_app.demo.models import Activity, Person, Role, SiteRole
from lti_app.demo.platform import Platform

_ADMINISTRATOR_ROLES = (
    "urn:lti:sysrole:ims/lis/Administrator",
    "urn:lti:instrole:ims/lis/Administrator",
)


@dataclass(frozen=True, slots=True)
class LaunchFacts:
    """Who launches what, from where."""

    person: Person
    activity: Activity
    role: str
    container: int
    sesskey: str


def shares_identity(facts: LaunchFacts) -> bool:
    """Whether the tool may know this person's name and e-mail."""
    return facts.activity.tool_type.shares_identity and not facts.person.identity_withheld


def short_role(role: str) -> str:
    """The membership role of a launch, without its vocabulary."""
    return "Learner" if role == Role.STUDENT else "Instructor"


def variables(platform: Platform, session: Session, facts: LaunchFacts) -> dict[str, str | None]:
    """Values of Moodle's substitution variables; None where the tool may not know."""
    return {
        **_course_variables(facts.activity),
        **_person_variables(facts),
        **_service_variables(platform, session, facts.activity),
    }


def _course_variables(activity: Activity) -> dict[str, str | None]:
    course = activity.course
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
        "Context.id.history": "",
        "CourseSection.timeFrame.end": "",
        "ResourceLink.id": str(activity.id),
        "ResourceLink.title": activity.name,
        "ResourceLink.description": activity.intro,
    }


def _person_variables(facts: LaunchFacts) -> dict[str, str | None]:
    person, shared = facts.person, shares_identity(facts)
    role = short_role(facts.role)
    if person.site_role == SiteRole.ADMIN:
        role = ",".join(("Instructor", *_ADMINISTRATOR_ROLES))
    return {
        "User.id": str(person.id),
        # Leaks even when names are withheld, as in Moodle.
        "User.username": person.username,
        "Person.name.full": person.name if shared else None,
        "Person.name.given": person.given_name if shared else None,
        "Person.name.family": person.family_name if shared else None,
        "Person.email.primary": person.email if shared else None,
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
    platform: Platform, session: Session, activity: Activity
) -> dict[str, str | None]:
    base, type_id = platform.settings.services_url, activity.tool_type_id
    item = queries.coupled_line_item(session, activity_id=activity.id)
    return {
        "LineItem.url": "" if item is None else line_item_url(base, item),
        "LineItems.url": line_items_url(base, activity.course_id, type_id),
        "Scores.url": "",
        "Results.url": "",
        "ToolProxyBinding.memberships.url": memberships_url(base, activity.course_id, type_id),
        "ToolProxy.custom.url": f"{base}/tool/{type_id}/custom",
        "ToolProxyBinding.custom.url": (
            f"{base}/CourseSection/{activity.course_id}/bindings/tool/{type_id}/custom"
        ),
        "LtiLink.custom.url": f"{base}/links/{{link_id}}/custom",
    }
