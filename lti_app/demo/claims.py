"""The claims of an id_token, in the very shapes of Moodle 4.5.

They are held to `tests/fixtures/moodle/launch__*.json`.
"""

import hashlib
import json
import secrets
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from lti_app.demo import queries
from lti_app.demo.custom import custom_claim
from lti_app.demo.launch_facts import LaunchFacts, shares_identity, short_role, variables
from lti_app.demo.line_items import line_item_url, line_items_url, memberships_url
from lti_app.demo.models import Activity, Person, SiteRole
from lti_app.demo.platform import Platform
from lti_app.demo.tokens import AGS_SCOPES

LTI = "https://purl.imsglobal.org/spec/lti/claim"
_LIS = "http://purl.imsglobal.org/vocab/lis/v2"

CONTAINER_IFRAME = 3
CONTAINER_WINDOW = 4
CONTAINER_REPLACE = 5
"""Moodle's numbers for « intégré, sans blocs », « nouvelle fenêtre », « fenêtre actuelle »."""

_DOCUMENT_TARGETS = {
    CONTAINER_IFRAME: "iframe",
    CONTAINER_WINDOW: "window",
    CONTAINER_REPLACE: "frame",
}


def launch_roles(person: Person, role: str) -> list[str]:
    """Roles of a launch. A non-editing teacher and a manager are Instructors like any other."""
    if person.site_role == SiteRole.ADMIN:
        return [
            f"{_LIS}/institution/person#Administrator",
            f"{_LIS}/membership#Instructor",
            f"{_LIS}/system/person#Administrator",
        ]
    return [f"{_LIS}/membership#{short_role(role)}"]


def basic_outcome(
    platform: Platform, session: Session, activity: Activity, person: Person
) -> dict[str, Any]:
    """The LTI 1.1 outcome claim that Moodle still sends beside AGS; {} for an ungraded activity."""
    if queries.coupled_line_item(session, activity_id=activity.id) is None:
        return {}
    data = {
        "instanceid": str(activity.id),
        "userid": str(person.id),
        "typeid": activity.tool_type_id,
        "launchid": secrets.randbelow(2**31),
    }
    salted = json.dumps(data, separators=(",", ":")) + platform.salt
    sourced_id = {"data": data, "hash": hashlib.sha256(salted.encode()).hexdigest()}
    return {
        "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome": {
            "lis_result_sourcedid": json.dumps(sourced_id, separators=(",", ":")),
            "lis_outcome_service_url": f"{platform.settings.base_url}/mod/lti/service.php",
        }
    }


def identity_claims(facts: LaunchFacts) -> dict[str, Any]:
    """Name, e-mail and username, or only what remains when they are withheld."""
    person = facts.person
    if not shares_identity(facts):
        return {f"{LTI}/ext": {"lms": "moodle-2"}}
    return {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "name": person.name,
        f"{LTI}/ext": {"user_username": person.username, "lms": "moodle-2"},
        "email": person.email,
    }


def presentation_claim(platform: Platform, facts: LaunchFacts) -> dict[str, str]:
    """Locale, target and the return address, which holds the person's sesskey."""
    args = {
        "course": facts.activity.course_id,
        "launch_container": facts.container,
        "instanceid": facts.activity.id,
        "sesskey": facts.sesskey,
    }
    return {
        "locale": facts.person.lang,
        "document_target": _DOCUMENT_TARGETS[facts.container],
        "return_url": f"{platform.settings.base_url}/mod/lti/return.php?{urlencode(args)}",
    }


def platform_claims(platform: Platform, facts: LaunchFacts) -> dict[str, Any]:
    """Claims about the site and the course's place in the information system."""
    issuer = platform.settings.issuer
    return {
        f"{LTI}/lis": {
            "person_sourcedid": facts.person.idnumber,
            "course_section_sourcedid": facts.activity.course.idnumber,
        },
        f"{LTI}/tool_platform": {
            "product_family_code": "moodle",
            "version": "2024100706",
            "guid": hashlib.md5(issuer.encode(), usedforsecurity=False).hexdigest(),
            "name": "DEMO",
            "description": "LMS de démonstration de Relais",
        },
    }


def service_claims(platform: Platform, session: Session, activity: Activity) -> dict[str, Any]:
    """AGS, with a line item only when the activity is graded, and NRPS."""
    base, type_id = platform.settings.services_url, activity.tool_type_id
    endpoint: dict[str, Any] = {
        "scope": list(AGS_SCOPES),
        "lineitems": line_items_url(base, activity.course_id, type_id),
    }
    item = queries.coupled_line_item(session, activity_id=activity.id)
    if item is not None:
        endpoint["lineitem"] = line_item_url(base, item)
    return {
        "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": endpoint,
        "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
            "context_memberships_url": memberships_url(base, activity.course_id, type_id),
            "service_versions": ["1.0", "2.0"],
        },
    }


def custom_claims(platform: Platform, session: Session, facts: LaunchFacts) -> dict[str, Any]:
    """The activity's parameters, then the tool's, then the four that Moodle always adds."""
    activity = facts.activity
    text = f"{activity.custom}\n{activity.tool_type.custom}"
    base, type_id = platform.settings.services_url, activity.tool_type_id
    return {
        **custom_claim(text, variables(platform, session, facts)),
        "context_memberships_url": memberships_url(base, activity.course_id, activity.tool_type_id),
        "system_setting_url": f"{base}/tool/{type_id}/custom",
        "context_setting_url": (
            f"{base}/CourseSection/{activity.course_id}/bindings/tool/{type_id}/custom"
        ),
        # The braces are Moodle's: it forgets to fill them.
        "link_setting_url": f"{base}/links/{{link_id}}/custom",
    }
