"""OIDC login initiation, authentication and the signed launch, as Moodle 4.5 does them.

The checks of the authentication request and what each failure answers are those of
`tests/fixtures/moodle/auth_errors.json`. lti1p3platform builds and signs; left alone it would sign
for any redirect_uri, login_hint and response_type.
"""

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import render_template
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from sqlalchemy import delete
from sqlalchemy.orm import Session

from lti_app.demo import claims, queries
from lti_app.demo.launch_facts import LaunchFacts, Message
from lti_app.demo.models import (
    Activity,
    Course,
    MessageKind,
    PendingLaunch,
    Person,
    Role,
    SiteRole,
)
from lti_app.demo.models_tools import ToolType
from lti_app.demo.platform import Platform, PlatformConf, ServiceRequest
from lti_app.demo.signin import Visitor
from lti_app.demo.tools import Tool

ID_TOKEN_LIFE_SECONDS = 60
_PENDING_LIFE_SECONDS = 24 * 3600
_REQUIRED = (
    "scope", "response_type", "client_id", "redirect_uri", "login_hint", "nonce"
)  # fmt: skip


class InvalidRequestError(Exception):
    """Moodle shows its own error page: the tool hears nothing."""


@dataclass(slots=True)
class RefusedAuthenticationError(Exception):
    """The error is posted to the redirect_uri."""

    error: str
    description: str = ""


class LoginInitiation(OIDCLoginAbstract):  # type: ignore[misc]
    """The third-party login initiation; the library only knows how to redirect, Moodle posts."""

    def set_lti_message_hint(self, **kwargs: Any) -> None:
        """`cmid` and `launchid`, as the JSON string that must come back verbatim."""
        self._lti_message_hint = json.dumps(kwargs, separators=(",", ":"))

    def get_redirect(self, url: str) -> dict[str, str]:
        """The fields of the form, instead of a redirection."""
        return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


class SignedLaunch(LTIAdvantageMessageLaunchAbstract):  # type: ignore[misc]
    """A launch in Moodle's shape."""

    def __init__(
        self, request: ServiceRequest, conf: PlatformConf, launch_claims: dict[str, Any]
    ) -> None:
        super().__init__(request, conf)
        self.set_id_token_expiration(ID_TOKEN_LIFE_SECONDS)
        self.set_extra_claims(launch_claims)

    def get_preflight_response(self) -> dict[str, Any]:
        """Both kinds of parameters, posted ones first, as PHP's optional_param."""
        request: ServiceRequest = self._request
        return {**request.get_data, **request.form_data}

    def validate_preflight_response(self, preflight_response: dict[str, Any]) -> None:
        """Nothing: `consume_launch` has checked more, and Moodle accepts an empty state."""
        self._redirect_url = preflight_response["redirect_uri"]

    def get_launch_message(self, include_extra_claims: bool = True) -> dict[str, Any]:
        """The library adds azp, Moodle does not send it."""
        message: dict[str, Any] = super().get_launch_message(include_extra_claims)
        message.pop("azp")
        return message

    def render_launch_form(self, launch_data: dict[str, Any], **_kwargs: Any) -> str:
        """The auto-submitted form that carries the id_token to the tool."""
        fields = {"id_token": launch_data["id_token"], "state": launch_data["state"]}
        return answer_form(launch_data["launch_url"], fields)


def answer_form(redirect_uri: str, fields: Mapping[str, str]) -> str:
    """The page that posts an authentication answer to the tool."""
    return render_template(
        "demo/post_form.html",
        title="Ouverture de l’activité",
        form_id="ltiAuthForm",
        action=redirect_uri,
        fields=fields,
    )


def role_in_course(session: Session, person: Person, course_id: int) -> str | None:
    """The role that lets a person into a course, or None."""
    enrolment = queries.enrolment(session, person_id=person.id, course_id=course_id)
    if enrolment is not None:
        return enrolment.role
    return Role.MANAGER if person.site_role == SiteRole.ADMIN else None


def start_launch(
    session: Session, platform: Platform, *, visitor: Visitor, message: Message, container: int
) -> dict[str, str]:
    """Remember a launch and give the fields of the form to post to the tool's login address."""
    now = int(time.time())
    session.execute(
        delete(PendingLaunch).where(PendingLaunch.created_at < now - _PENDING_LIFE_SECONDS)
    )
    activity = message.activity
    launch_id = f"ltilaunch{_what(message)}{secrets.randbelow(2**31)}"
    session.add(
        PendingLaunch(
            launch_id=launch_id,
            session_id=visitor.session_id,
            tool_type_id=message.tool_type.id,
            kind=message.kind,
            course_id=None if message.course is None else message.course.id,
            activity_id=None if activity is None else activity.id,
            about_person_id=None if message.about is None else message.about.id,
            container=container,
            created_at=now,
        )
    )
    tool = platform.tool(message.tool_type)
    # The library reads the hint and the request only; the registration comes from the conf.
    login = LoginInitiation(None, platform.conf(tool))
    login.set_launch_url(_target(message, tool))
    hint = {"launchid": launch_id}
    login.set_lti_message_hint(**(hint if activity is None else {"cmid": activity.cmid, **hint}))
    fields: dict[str, str] = login.initiate_login(str(visitor.person.id))
    if platform.settings.platform_storage and container == claims.CONTAINER_IFRAME:
        # In a window of its own the tool has no parent to ask.
        fields["lti_storage_target"] = "_parent"
    return fields


def _what(message: Message) -> str:
    if message.kind is MessageKind.DEEP_LINKING:
        return "_ContentItemSelectionRequest"
    return "_" if message.activity is None else f"{message.activity.id}_"


def _target(message: Message, tool: Tool) -> str:
    if message.kind is MessageKind.DEEP_LINKING:
        return tool.deep_linking_url
    own = "" if message.activity is None else message.activity.target_link_uri
    return own or tool.launch_url


def consume_launch(
    session: Session, platform: Platform, *, visitor: Visitor | None, asked: Mapping[str, str]
) -> tuple[Visitor, PendingLaunch]:
    """Who launches, and the launch that this request completes; it cannot serve twice.

    Raises InvalidRequestError, RefusedAuthenticationError.
    """
    if not all(asked.get(name) for name in _REQUIRED):
        raise InvalidRequestError
    if asked["scope"] != "openid" or asked["response_type"] != "id_token":
        raise InvalidRequestError
    launch_id = _launch_id(asked.get("lti_message_hint", ""))
    if visitor is None:
        raise InvalidRequestError
    pending = _take_pending(session, visitor, launch_id)
    tool = platform.tool(session.get_one(ToolType, pending.tool_type_id))
    if asked["redirect_uri"] not in tool.redirect_uris:
        raise InvalidRequestError
    _refuse_mismatch(asked, client_id=tool.client_id, person=visitor.person)
    return visitor, pending


def _refuse_mismatch(asked: Mapping[str, str], *, client_id: str, person: Person) -> None:
    if asked["client_id"] != client_id:
        raise RefusedAuthenticationError("unauthorized_client")
    if asked["login_hint"] != str(person.id):
        raise RefusedAuthenticationError("access_denied")
    if asked.get("response_mode") != "form_post":
        raise RefusedAuthenticationError("invalid_request", "Invalid response_mode")
    if asked.get("prompt", "") not in ("", "none"):
        raise RefusedAuthenticationError("invalid_request", "Invalid prompt")


def _launch_id(hint: str) -> str:
    try:
        decoded = json.loads(hint)
        return str(decoded["launchid"])
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidRequestError from error


def _take_pending(session: Session, visitor: Visitor, launch_id: str) -> PendingLaunch:
    pending = session.get(PendingLaunch, launch_id)
    if pending is None or pending.session_id != visitor.session_id:
        raise InvalidRequestError
    session.delete(pending)
    return pending


def sign_launch(
    session: Session,
    platform: Platform,
    *,
    visitor: Visitor,
    pending: PendingLaunch,
    request: ServiceRequest,
) -> str:
    """The page that posts the id_token to the tool.

    Raises InvalidRequestError when the visitor may not enter the course.
    """
    facts = _facts(session, visitor, pending)
    message = facts.message
    tool = platform.tool(message.tool_type)
    launch = SignedLaunch(request, platform.conf(tool), _claims(platform, session, facts))
    launch.set_launch_url(_target(message, tool))
    roles = claims.launch_roles(visitor.person, facts.role)
    launch.set_user_data(str(visitor.person.id), roles)
    if message.activity is not None:
        activity = message.activity
        launch.set_resource_link_claim(str(activity.id), activity.intro, activity.name)
    if message.course is not None:
        course = message.course
        launch.set_launch_context_claim(
            str(course.id), ["CourseSection"], course.fullname, course.shortname
        )
    launch.set_custom_parameters_claim(claims.custom_claims(platform, session, facts))
    page: str = launch.lti_launch()
    return page


def _facts(session: Session, visitor: Visitor, pending: PendingLaunch) -> LaunchFacts:
    course = None if pending.course_id is None else session.get_one(Course, pending.course_id)
    role: str | None = Role.MANAGER
    if course is not None:
        role = role_in_course(session, visitor.person, course.id)
    elif visitor.person.site_role != SiteRole.ADMIN:
        role = None
    if role is None:
        raise InvalidRequestError
    about = pending.about_person_id
    return LaunchFacts(
        person=visitor.person,
        message=Message(
            kind=MessageKind(pending.kind),
            tool_type=session.get_one(ToolType, pending.tool_type_id),
            course=course,
            activity=None
            if pending.activity_id is None
            else session.get_one(Activity, pending.activity_id),
            about=None if about is None else session.get_one(Person, about),
        ),
        role=role,
        container=pending.container,
        sesskey=visitor.sesskey,
    )


def _claims(platform: Platform, session: Session, facts: LaunchFacts) -> dict[str, Any]:
    message = facts.message
    outcome = {}
    if message.activity is not None and message.kind is MessageKind.RESOURCE_LINK:
        outcome = claims.basic_outcome(platform, session, message.activity, facts.person)
    return {
        f"{claims.LTI}/message_type": str(message.kind),
        **claims.identity_claims(facts),
        **claims.platform_claims(platform, facts),
        **outcome,
        **claims.service_claims(platform, session, message),
        **claims.deep_linking_claim(platform, facts),
        **claims.about_claim(facts),
        f"{claims.LTI}/launch_presentation": claims.presentation_claim(platform, facts),
    }
