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
from lti_app.demo.launch_facts import (
    LaunchFacts,
    Message,
    shares_email,
    shares_name,
    short_role,
    variables,
)
from lti_app.demo.line_items import line_item_url, line_items_url, memberships_url
from lti_app.demo.models import Activity, MessageKind, Person, SiteRole
from lti_app.demo.platform import Platform
from lti_app.demo.scopes import grade_scopes

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
    claims: dict[str, Any] = {f"{LTI}/ext": {"lms": "moodle-2"}}
    if shares_name(facts):
        claims = {
            "given_name": person.given_name,
            "family_name": person.family_name,
            "name": person.name,
            f"{LTI}/ext": {"user_username": person.username, "lms": "moodle-2"},
        }
    if shares_email(facts):
        claims["email"] = person.email
    return claims


def presentation_claim(platform: Platform, facts: LaunchFacts) -> dict[str, str]:
    """Locale, target and the return address, which holds the person's sesskey.

    While content is being chosen, the locale alone.
    """
    activity = facts.message.activity
    if facts.message.kind is MessageKind.DEEP_LINKING or activity is None:
        return {"locale": facts.person.lang}
    args = {
        "course": activity.course_id,
        "launch_container": facts.container,
        "instanceid": activity.id,
        "sesskey": facts.sesskey,
    }
    return {
        "locale": facts.person.lang,
        "document_target": _DOCUMENT_TARGETS[facts.container],
        "return_url": f"{platform.settings.base_url}/mod/lti/return.php?{urlencode(args)}",
    }


def platform_claims(platform: Platform, facts: LaunchFacts) -> dict[str, Any]:
    """Claims about the site and the course's place in the information system."""
    lis = {"person_sourcedid": facts.person.idnumber}
    if facts.message.course is not None:
        lis["course_section_sourcedid"] = facts.message.course.idnumber
    issuer = platform.settings.issuer
    return {
        f"{LTI}/lis": lis,
        f"{LTI}/tool_platform": {
            "product_family_code": "moodle",
            "version": "2024100706",
            "guid": hashlib.md5(issuer.encode(), usedforsecurity=False).hexdigest(),
            "name": "DEMO",
            "description": "LMS de démonstration de Relais",
        },
    }


def service_claims(platform: Platform, session: Session, message: Message) -> dict[str, Any]:
    """AGS, with a line item only when the activity is graded, and NRPS: what the tool may use."""
    if message.course is None:
        return {}
    base, type_id = platform.settings.services_url, message.tool_type.id
    claims: dict[str, Any] = {}
    scopes = grade_scopes(message.tool_type)
    if scopes:
        endpoint: dict[str, Any] = {
            "scope": scopes,
            "lineitems": line_items_url(base, message.course.id, type_id),
        }
        if message.activity is not None:
            item = queries.coupled_line_item(session, activity_id=message.activity.id)
            if item is not None:
                endpoint["lineitem"] = line_item_url(base, item)
        claims["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"] = endpoint
    if message.tool_type.member_service:
        claims["https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"] = {
            "context_memberships_url": memberships_url(base, message.course.id, type_id),
            "service_versions": ["1.0", "2.0"],
        }
    return claims


def deep_linking_claim(platform: Platform, facts: LaunchFacts) -> dict[str, Any]:
    """What may be chosen and where the answer goes: one place, with the person's sesskey."""
    message = facts.message
    if message.kind is not MessageKind.DEEP_LINKING or message.course is None:
        return {}
    args = {"course": message.course.id, "id": message.tool_type.id, "sesskey": facts.sesskey}
    page = f"{platform.settings.base_url}/mod/lti/contentitem_return.php"
    return {
        "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings": {
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["frame", "iframe", "window"],
            "accept_copy_advice": False,
            "accept_multiple": True,
            "accept_unsigned": False,
            "auto_create": False,
            "can_confirm": False,
            "deep_link_return_url": f"{page}?{urlencode(args)}",
            "title": message.tool_type.name,
            "text": "",
        }
    }


def about_claim(facts: LaunchFacts) -> dict[str, Any]:
    """Whom the message is about, when it is not the one who sends it."""
    about = facts.message.about
    if about is None:
        return {}
    claim: dict[str, Any] = {"user_id": str(about.id)}
    tool_type = facts.message.tool_type
    if tool_type.shares_name and not about.identity_withheld:
        claim |= {
            "name": about.name,
            "given_name": about.given_name,
            "family_name": about.family_name,
        }
    if tool_type.shares_email and not about.identity_withheld:
        claim["email"] = about.email
    if facts.message.kind is MessageKind.SUBMISSION_REVIEW:
        claim["roles"] = [f"{_LIS}/membership#Learner"]
    return {f"{LTI}/for_user": claim}


def custom_claims(platform: Platform, session: Session, facts: LaunchFacts) -> dict[str, Any]:
    """The activity's parameters, then the tool's, then those that Moodle always adds."""
    message = facts.message
    activity_lines = "" if message.activity is None else message.activity.custom
    text = f"{activity_lines}\n{message.tool_type.custom}"
    base, type_id = platform.settings.services_url, message.tool_type.id
    added = {"system_setting_url": f"{base}/tool/{type_id}/custom"}
    if message.course is not None:
        course_id = message.course.id
        added |= {
            "context_memberships_url": memberships_url(base, course_id, type_id),
            "context_setting_url": (
                f"{base}/CourseSection/{course_id}/bindings/tool/{type_id}/custom"
            ),
        }
    if message.activity is not None:
        # The braces are Moodle's: it forgets to fill them.
        added["link_setting_url"] = f"{base}/links/{{link_id}}/custom"
    return {**custom_claim(text, variables(platform, session, facts)), **added}
