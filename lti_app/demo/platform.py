"""Adapters between Flask, this database and lti1p3platform.

Version 0.1.8 of the library signs launches and dispatches service calls well, but leaves open what
a platform must check (see docs of each override). Its `framework` package is not used: it knows no
Flask and needs pkg_resources.
"""

import time
from collections.abc import Mapping
from typing import Any

import jwt
from flask import Request as FlaskRequest
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.request import Request
from sqlalchemy.orm import Session

from lti_app.demo.database import PLATFORM_KEY, SALT, DemoDatabase, public_pem
from lti_app.demo.faults import Faults
from lti_app.demo.models import AccessToken
from lti_app.demo.models_tools import ToolType
from lti_app.demo.settings import DemoSettings
from lti_app.demo.tool_keys import ToolKeys
from lti_app.demo.tools import Tool, first_tool, resolve


class PlatformRegistration(Registration):  # type: ignore[misc]
    """The platform's side of one registration; computes its key id once instead of per launch."""

    def __init__(self, *, kid: str | None) -> None:
        self._kid = kid

    def get_kid(self) -> str | None:
        """Thumbprint of the signing key, as served by the JWKS."""
        if self._kid is None:
            self._kid = super().get_kid()
        return self._kid


class Platform:
    """All that requests of the demonstration LMS share; safe to use from several threads."""

    def __init__(self, settings: DemoSettings, database: DemoDatabase) -> None:
        self.settings = settings
        self.database = database
        self._kid: str | None = None
        self._tool_keys: dict[str, ToolKeys] = {}
        self.faults = Faults()
        self.salt = database.secret(SALT)
        self._private_pem = database.secret(PLATFORM_KEY)
        self._public_pem = public_pem(self._private_pem)
        self._kid = self.registration(first_tool(settings)).get_kid()

    def tool(self, tool_type: ToolType) -> Tool:
        """A tool with every address filled in."""
        return resolve(tool_type, self.settings)

    def tool_keys(self, tool: Tool) -> ToolKeys:
        """The remembered public keys of a tool."""
        return self._tool_keys.setdefault(tool.jwks_url, ToolKeys(tool.jwks_url))

    def sign(self, claims: dict[str, Any], *, seconds: int) -> str:
        """A JWT of these claims signed with the platform's key, its `iat` and `exp` added."""
        registration = self.registration(first_tool(self.settings))
        token: str = registration.platform_encode_and_sign(claims, expiration=seconds)
        return token

    def read_own(self, token: str) -> dict[str, Any]:
        """The claims of a JWT that this platform signed. Raises jwt.PyJWTError."""
        claims: dict[str, Any] = jwt.decode(
            token,
            self._public_pem,
            algorithms=["RS256"],
            options={"require": ["exp", "sub"], "verify_aud": False},
        )
        return claims

    def registration(self, tool: Tool) -> PlatformRegistration:
        """A registration for one deployment: the library's object holds only one."""
        registration = PlatformRegistration(kid=self._kid)
        registration.set_iss(self.settings.issuer)
        registration.set_client_id(tool.client_id)
        registration.set_deployment_id(tool.type_id)
        registration.set_launch_url(tool.launch_url)
        registration.set_deeplink_launch_url(tool.deep_linking_url)
        registration.set_oidc_login_url(tool.login_url)
        registration.set_platform_private_key(self._private_pem)
        registration.set_platform_public_key(self._public_pem)
        return registration

    def conf(self, tool: Tool | None = None, session: Session | None = None) -> "PlatformConf":
        """A configuration for one request: the library keeps the JWT under check inside it.

        `session` is the one the request already holds: taking a second connection while others
        wait for the first would stop them all.
        """
        return PlatformConf(platform=self, tool=tool or first_tool(self.settings), session=session)


class PlatformConf(LTI1P3PlatformConfAbstract):  # type: ignore[misc]
    """What the library needs to know of the platform, during one request."""

    _registration: PlatformRegistration

    def init_platform_config(self, **kwargs: Any) -> None:
        """Bind the registration at once: several methods of the library require it."""
        self._platform: Platform = kwargs["platform"]
        self.tool: Tool = kwargs["tool"]
        self._session: Session | None = kwargs.get("session")
        self._registration = self._platform.registration(self.tool)

    def get_registration_by_params(self, **_kwargs: Any) -> PlatformRegistration:
        """The only registration there is."""
        return self._registration

    def validate_token(
        self,
        token: str,
        allowed_scopes: list[str] | None = None,
        audience: str | None = None,  # noqa: ARG002 - the library's signature
    ) -> bool:
        """Whether `token` lives, is of this tool and carries one of `allowed_scopes`.

        The library decodes a JWT and lets its errors escape as a 500; Moodle's tokens are opaque
        and looked up.
        """
        if self._session is not None:
            return self._opens(self._session, token, allowed_scopes)
        with self._platform.database.reading() as session:
            return self._opens(session, token, allowed_scopes)

    def _opens(self, session: Session, token: str, allowed_scopes: list[str] | None) -> bool:
        row = session.get(AccessToken, token)
        if row is None or row.expires_at <= int(time.time()):
            return False
        if row.client_id != self.tool.client_id:
            return False
        return bool(set(row.scopes.split()) & set(allowed_scopes or []))


class ServiceRequest(Request):  # type: ignore[misc]
    """A Flask request in the library's terms."""

    def build_metadata(self, request: FlaskRequest) -> Mapping[str, Any]:
        """Copy what the library reads; a body that is not a JSON object becomes empty."""
        body = request.get_json(force=True, silent=True)
        return {
            "method": request.method,
            "form_data": request.form.to_dict(),
            "get_data": request.args.to_dict(),
            "headers": request.headers,
            "content_type": request.content_type,
            "path": request.path,
            "json": body if isinstance(body, dict) else {},
        }
