"""The addresses of Dynamic Registration: configuration, registration, and its start."""

import json

import jwt
from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from lti_app.demo.access import as_administrator, check_sesskey
from lti_app.demo.platform import Platform
from lti_app.demo.registration import (
    RefusedRegistrationError,
    describe,
    new_token,
    read_grant,
    register,
)
from lti_app.demo.scopes import (
    BASIC_OUTCOME,
    LINE_ITEM,
    LINE_ITEM_READ,
    MEMBERSHIP_READ,
    RESULT_READ,
    SCORE,
    TOOL_SETTING,
)
from lti_app.demo.service_http import error_page
from lti_app.demo.tools import find_tool, origin_of, with_query

_VARIABLES = [
    "basic-lti-launch-request",
    "ContentItemSelectionRequest",
    "ToolProxyRegistrationRequest",
    "Context.id",
    "Context.title",
    "Context.label",
    "Context.id.history",
    "Context.sourcedId",
    "Context.longDescription",
    "Context.timeFrame.begin",
    "CourseSection.title",
    "CourseSection.label",
    "CourseSection.sourcedId",
    "CourseSection.longDescription",
    "CourseSection.timeFrame.begin",
    "CourseSection.timeFrame.end",
    "ResourceLink.id",
    "ResourceLink.title",
    "ResourceLink.description",
    "User.id",
    "User.username",
    "Person.name.full",
    "Person.name.given",
    "Person.name.family",
    "Person.email.primary",
    "Person.sourcedId",
    "Person.name.middle",
    "Person.address.street1",
    "Person.address.locality",
    "Person.address.country",
    "Person.address.timezone",
    "Person.phone.primary",
    "Person.phone.mobile",
    "Person.webaddress",
    "Membership.role",
    "Result.sourcedId",
    "Result.autocreate",
    "BasicOutcome.sourcedId",
    "BasicOutcome.url",
    "Moodle.Person.userGroupIds",
]


def create_blueprint(platform: Platform) -> Blueprint:
    """The three addresses."""
    blueprint = Blueprint("registration", __name__, url_prefix="/mod/lti")
    _add_start(blueprint, platform)
    _add_endpoint(blueprint, platform)

    @blueprint.get("/openid-configuration.php")
    def configuration() -> ResponseReturnValue:
        return _json(_configuration(platform))

    return blueprint


def _configuration(platform: Platform) -> dict[str, object]:
    settings = platform.settings
    return {
        "issuer": settings.issuer,
        "token_endpoint": settings.token_url,
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": settings.jwks_url,
        "authorization_endpoint": settings.auth_url,
        "registration_endpoint": settings.registration_url,
        "scopes_supported": [
            BASIC_OUTCOME, LINE_ITEM_READ, RESULT_READ, SCORE, LINE_ITEM, MEMBERSHIP_READ,
            TOOL_SETTING, "openid",
        ],
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
        "https://purl.imsglobal.org/spec/lti-platform-configuration": {
            "product_family_code": "moodle",
            "version": "4.5.6 (Build: 20250811)",
            "messages_supported": [
                {"type": "LtiResourceLinkRequest"},
                {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]},
            ],
            "variables": _VARIABLES,
        },
    }  # fmt: skip


def _add_start(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/startltiadvregistration.php")
    def start() -> ResponseReturnValue:
        with as_administrator(platform) as (session, who):
            check_sesskey(who)
            url = request.args.get("url", "")
            tool_type = find_tool(session, request.args.get("type", ""))
            if not origin_of(url):
                return error_page()
            token = new_token(platform, tool_type=tool_type)
        told = {
            "openid_configuration": platform.settings.configuration_url,
            "registration_token": token,
        }
        return redirect(with_query(url, told))


def _add_endpoint(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.route("/openid-registration.php", methods=["GET", "POST"])
    def registration() -> ResponseReturnValue:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            return _plain(RefusedRegistrationError("missing_registration_token", 401))
        try:
            claims = platform.read_own(token.strip())
        except jwt.PyJWTError:
            # Moodle lets the exception of its JWT library reach its error page.
            return error_page()
        asked = request.get_json(force=True, silent=True)
        with platform.database.writing() as session:
            try:
                grant = read_grant(session, claims)
                if request.method == "GET":
                    if grant.tool_type is None:
                        raise RefusedRegistrationError("No registration found.", 404)
                    return _json(describe(platform, grant.tool_type))
                if not isinstance(asked, dict):
                    return error_page()
                return _json(describe(platform, register(session, grant, asked)))
            except RefusedRegistrationError as error:
                return _plain(error)


def _json(body: dict[str, object]) -> Response:
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, content_type="application/json; charset=utf-8")


def _plain(error: RefusedRegistrationError) -> Response:
    return Response(error.text, error.status, content_type="text/html; charset=utf-8")
