"""PyLTI1p3's interfaces over our own tables, instead of its cookies and caches.

PyLTI1p3 2.0.0 keeps nonces for 24 hours without using them up, binds neither nonce nor browser to
the state, and shares one session cookie between frames (lti.md §1). These adapters leave it no
store of its own: what a launch must remember is a `LoginState` row.
"""

from collections.abc import Mapping
from typing import Any

from pylti1p3.cookie import CookieService
from pylti1p3.deployment import Deployment as LibraryDeployment
from pylti1p3.registration import Registration
from pylti1p3.request import Request
from pylti1p3.session import SessionService
from pylti1p3.tool_config.abstract import ToolConfAbstract
from sqlalchemy.orm import Session

from lti_app.lti.models import Platform, PlatformState
from lti_app.lti.queries import find_platform, platforms_of_issuer
from lti_app.lti.rules import explanations
from lti_app.lti.rules.claims import ClaimError


class MappingRequest(Request):
    """The parameters of a request, without the web framework."""

    def __init__(self, params: Mapping[str, str]) -> None:
        super().__init__()
        self._params = params

    @property
    def session(self) -> dict[str, Any]:
        return {}

    def is_secure(self) -> bool:
        return True

    def get_param(self, key: str) -> str:
        return self._params.get(key, "")


class NoCookies(CookieService):
    """Cookies are set by the `launch` room: partitioned, which the library cannot do."""

    def get_cookie(self, name: str) -> str | None:  # noqa: ARG002
        return None

    def set_cookie(self, name: str, value: str | int, exp: int | None = 3600) -> None:
        raise NotImplementedError


class NoSession(SessionService):
    """The library's own store, never used."""

    def __init__(self, request: MappingRequest) -> None:
        self._request = request


class PlatformRegistration(Registration):
    """A Platform row as the library sees it, detached from the database."""

    def __init__(self, platform: Platform) -> None:
        self.platform_id = platform.id
        self.product_family = platform.product_family
        self.active_deployments = {
            deployment.deployment_id: deployment.id
            for deployment in platform.deployments
            if deployment.state == PlatformState.ACTIVE
        }
        """Our row's id by the platform's id."""
        self.closed_deployments = frozenset(
            deployment.deployment_id
            for deployment in platform.deployments
            if deployment.state == PlatformState.INACTIVE
        )
        self.set_issuer(platform.issuer)
        self.set_client_id(platform.client_id)
        self.set_auth_login_url(platform.auth_url)
        self.set_auth_token_url(platform.token_url)
        self.set_key_set_url(platform.jwks_url)


class PlatformDirectory(ToolConfAbstract[MappingRequest]):
    """Registrations from the database. Several clients per issuer are the normal case."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def check_iss_has_one_client(self, iss: str) -> bool:  # noqa: ARG002
        return False

    def check_iss_has_many_clients(self, iss: str) -> bool:  # noqa: ARG002
        return True

    def find_registration_by_issuer(self, iss: str, *_args: Any, **_kwargs: Any) -> Registration:
        return self.find_registration_by_params(iss, None)

    def find_registration_by_params(
        self, iss: str, client_id: str | None, *_args: Any, **_kwargs: Any
    ) -> PlatformRegistration:
        """The active registration. Raises ClaimError when there is none, or no telling which."""
        if client_id:
            platform = find_platform(self._session, issuer=iss, client_id=client_id)
        else:
            platforms = platforms_of_issuer(self._session, iss)
            if len(platforms) > 1:
                raise ClaimError(explanations.SEVERAL_CLIENTS, "no client_id, several clients")
            platform = platforms[0] if platforms else None
        if platform is None:
            raise ClaimError(explanations.UNKNOWN_PLATFORM, "unknown issuer or client_id")
        if platform.state != PlatformState.ACTIVE:
            raise _not_open(platform)
        return PlatformRegistration(platform)

    def find_deployment(self, iss: str, deployment_id: str) -> LibraryDeployment | None:
        return self.find_deployment_by_params(iss, deployment_id, "")

    def find_deployment_by_params(
        self, iss: str, deployment_id: str, client_id: str, *_args: Any, **_kwargs: Any
    ) -> LibraryDeployment | None:
        registration = self.find_registration_by_params(iss, client_id)
        if deployment_id not in registration.active_deployments:
            return None
        return LibraryDeployment().set_deployment_id(deployment_id)


def _not_open(platform: Platform) -> ClaimError:
    pending = platform.state == PlatformState.PENDING
    why = explanations.PENDING_PLATFORM if pending else explanations.CLOSED_PLATFORM
    error = ClaimError(why, f"platform {platform.id} is {platform.state}")
    error.platform_id = platform.id
    return error
