"""The token endpoint: who is the tool, and what may it do.

Error texts, their order and the invalid JSON of the unknown-kid case are Moodle 4.5's
(`tests/fixtures/moodle/token.json`); what `strict_assertions` adds is ours.
"""

import json
import math
import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import jwt
from flask import Blueprint, Request, Response, request
from flask.typing import ResponseReturnValue
from jwcrypto.jwk import JWK
from lti1p3platform.exceptions import LtiException

from lti_app.demo.faults import Target
from lti_app.demo.models import AccessToken
from lti_app.demo.platform import Platform, PlatformConf
from lti_app.demo.scopes import permitted_scopes
from lti_app.demo.service_http import error_page
from lti_app.demo.tool_keys import ToolKeysUnavailableError
from lti_app.demo.tools import Tool, tool_of_client

TOKEN_LIFE_SECONDS = 3600
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_UNKNOWN_KID = '"kid" invalid, unable to lookup correct key'


class RefusedTokenRequestError(Exception):
    """The request is refused; the text goes to the tool as Moodle would write it."""


class AssertionConf(PlatformConf):
    """Checks a client assertion. The library ignores iss, sub, aud and a missing exp."""

    def get_tool_public_key(self) -> bytes:
        """The PEM key that should have signed the assertion, fetched again when unknown.

        Raises RefusedTokenRequestError, ToolKeysUnavailableError.
        """
        header: dict[str, Any] = self._jwt.get("header") or {}
        kid = header.get("kid")
        if not kid:
            raise RefusedTokenRequestError("kid must be provided in JWT header")
        key = self._platform.tool_keys(self.tool).find(str(kid))
        if key is None:
            raise RefusedTokenRequestError(_UNKNOWN_KID)
        if header.get("alg") != "RS256":
            raise RefusedTokenRequestError("Algorithm not allowed")
        pem: bytes = JWK(**key).export_to_pem()
        return pem

    def tool_validate_and_decode(self, jwt_token_string: str) -> dict[str, Any]:
        """The claims of an assertion whose signature holds, its times still unchecked.

        Raises RefusedTokenRequestError, ToolKeysUnavailableError.
        """
        # Times are checked afterwards, to answer with the texts of PHP's JWT library.
        self._jwt_verify_options = {
            "verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False,
            "verify_sub": False, "verify_jti": False,
        }  # fmt: skip
        try:
            claims: dict[str, Any] = super().tool_validate_and_decode(jwt_token_string)
        except jwt.InvalidSignatureError as error:
            raise RefusedTokenRequestError("Signature verification failed") from error
        except (jwt.PyJWTError, LtiException) as error:
            raise RefusedTokenRequestError("invalid_request") from error
        return claims


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """Gives bearer tokens to the registered tool."""

    platform: Platform

    def grant(self, incoming: Request) -> dict[str, str | int]:
        """The token answer to a well-formed request.

        Raises RefusedTokenRequestError, ToolKeysUnavailableError.
        """
        form = incoming.form
        fields = ("client_assertion", "client_assertion_type", "grant_type", "scope")
        if incoming.method != "POST" or not all(form.get(field) for field in fields):
            raise RefusedTokenRequestError("invalid_request")
        if (
            form["client_assertion_type"] != _ASSERTION_TYPE
            or form["grant_type"] != "client_credentials"
        ):
            raise RefusedTokenRequestError("unsupported_grant_type")
        with self.platform.database.reading() as session:
            row = tool_of_client(session, _claimed_subject(form["client_assertion"]))
            if row is None:
                raise RefusedTokenRequestError("invalid_client")
            tool, permitted = self.platform.tool(row), permitted_scopes(row)
        self._check_assertion(form["client_assertion"], tool)
        scopes = [scope for scope in form["scope"].split(" ") if scope in permitted]
        if not scopes:
            raise RefusedTokenRequestError("invalid_scope")
        return self._issue(" ".join(scopes), tool)

    def _check_assertion(self, assertion: str, tool: Tool) -> None:
        settings = self.platform.settings
        claims = verified_claims(self.platform, tool, assertion)
        check_times(claims, now=time.time(), zone=ZoneInfo(settings.time_zone))
        if settings.strict_assertions:
            _check_strictly(
                claims,
                client_id=tool.client_id,
                audiences={settings.token_url, settings.issuer},
            )

    def _issue(self, scopes: str, tool: Tool) -> dict[str, str | int]:
        token = secrets.token_hex(16)
        now = int(time.time())
        with self.platform.database.writing() as session:
            session.add(
                AccessToken(
                    token=token,
                    client_id=tool.client_id,
                    scopes=scopes,
                    expires_at=now + TOKEN_LIFE_SECONDS,
                )
            )
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": TOKEN_LIFE_SECONDS,
            "scope": scopes,
        }


def verified_claims(platform: Platform, tool: Tool, assertion: str) -> dict[str, Any]:
    """The claims of a JWT that the tool signed, its times still unchecked.

    Raises RefusedTokenRequestError, ToolKeysUnavailableError.
    """
    conf = AssertionConf(platform=platform, tool=tool)
    try:
        return conf.tool_validate_and_decode(assertion)
    except RefusedTokenRequestError as error:
        if str(error) != "Signature verification failed":
            raise
    # The key may have changed under the same id: ask the tool once more before refusing.
    platform.tool_keys(tool).fetch()
    return conf.tool_validate_and_decode(assertion)


def _claimed_subject(assertion: str) -> str:
    """The `sub` of an assertion not yet verified: it names the client whose keys will verify it."""
    try:
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise RefusedTokenRequestError("invalid_request") from error
    subject = claims.get("sub")
    if not subject:
        raise RefusedTokenRequestError("invalid_request")
    return str(subject)


def check_times(claims: dict[str, Any], *, now: float, zone: ZoneInfo) -> None:
    """No leeway at all, as Moodle: a tool clock half a minute fast is refused."""
    for name in ("nbf", "iat"):
        value = claims.get(name)
        if isinstance(value, int | float) and math.floor(value) > now:
            moment = datetime.fromtimestamp(math.floor(value), zone)
            raise RefusedTokenRequestError(
                f"Cannot handle token with {name} prior to {moment:%Y-%m-%dT%H:%M:%S%z}"
            )
    expiry = claims.get("exp")
    if isinstance(expiry, int | float) and now >= expiry:
        raise RefusedTokenRequestError("Expired token")


def _check_strictly(claims: dict[str, Any], *, client_id: str, audiences: set[str]) -> None:
    """What the security framework asks and Moodle 4.5 does not check."""
    if claims.get("iss") != client_id:
        raise RefusedTokenRequestError("iss must be the client_id")
    audience = claims.get("aud")
    named = set(audience) if isinstance(audience, list) else {audience}
    if not named & audiences:
        raise RefusedTokenRequestError("aud must be the token endpoint or the issuer")
    if not isinstance(claims.get("exp"), int | float):
        raise RefusedTokenRequestError("exp is required")


def _refusal(text: str) -> Response:
    if text == _UNKNOWN_KID:
        # Moodle pastes the text into its JSON unescaped: the answer cannot be parsed.
        body = f'{{\n  "error" : "{text}"\n}}'
    else:
        body = json.dumps({"error": text}, indent=2, ensure_ascii=False)
    return Response(body, 400, content_type="text/html; charset=utf-8")


def create_blueprint(platform: Platform) -> Blueprint:
    """The route of the token endpoint."""
    blueprint = Blueprint("tokens", __name__)
    endpoint = TokenEndpoint(platform)

    @blueprint.route("/mod/lti/token.php", methods=["GET", "POST"])
    def token() -> ResponseReturnValue:
        failure = platform.faults.strike(Target.TOKEN)
        if failure is not None:
            return failure
        try:
            answer = endpoint.grant(request)
        except RefusedTokenRequestError as error:
            return _refusal(str(error))
        except ToolKeysUnavailableError:
            # Moodle lets the exception reach its error page.
            return error_page("Les clés publiques de l’outil ne peuvent pas être lues.")
        return Response(json.dumps(answer, indent=2), content_type="text/html; charset=utf-8")

    return blueprint
