"""What the demonstration LMS needs to know to start."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSettings:
    """Addresses and switches of one demonstration LMS.

    `base_url` is both the issuer and the only address its pages are served from, as Moodle's
    wwwroot; `tool_base_url` is where Relais answers. Neither ends with a slash.
    """

    database_path: Path
    base_url: str = "http://localhost:8001"
    tool_base_url: str = "http://localhost:8000"
    client_id: str = "relais-demo"
    deployment_id: str = "1"
    """The tool type that sends names and e-mails."""
    private_deployment_id: str = "3"
    """The same tool configured with « Partager le nom : jamais »: names and e-mails withheld."""
    secret_key: str | None = None
    """Signs the session cookie; when absent, one is drawn and kept in the database file."""
    allow_faults: bool = False
    """Opens `/_demo/…`, which breaks the services on purpose. For tests only."""
    strict_assertions: bool = True
    """Refuse client assertions with a wrong iss, aud or no exp. Moodle 4.5 lets them through; a
    demonstration that does too would hide a fault that other platforms punish."""
    strict_deep_linking: bool = True
    """Refuse deep linking answers with a wrong aud, nonce, deployment_id or data, or no exp. Moodle
    4.5 looks at the issuer, the signature and the times only."""
    platform_storage: bool = False
    """Offer the LMS's own storage to tools whose cookies are blocked; Moodle has none."""
    members_page_size: int = 0
    """Page size of the roster when the tool asks for no limit; 0 = everyone at once, as Moodle."""
    extra_learners: int = 0
    """Synthetic learners added to the first course when the database is created."""
    time_zone: str = "Europe/Paris"
    """Zone of the server: Moodle writes result timestamps in it."""

    @property
    def issuer(self) -> str:
        """The `iss` of every id_token: Moodle's wwwroot."""
        return self.base_url

    @property
    def netloc(self) -> str:
        """Host and port of the LMS."""
        return urlsplit(self.base_url).netloc

    @property
    def auth_url(self) -> str:
        """OIDC authorization endpoint."""
        return f"{self.base_url}/mod/lti/auth.php"

    @property
    def token_url(self) -> str:
        """OAuth 2 token endpoint."""
        return f"{self.base_url}/mod/lti/token.php"

    @property
    def jwks_url(self) -> str:
        """Public keys of the platform."""
        return f"{self.base_url}/mod/lti/certs.php"

    @property
    def configuration_url(self) -> str:
        """What tools read to register themselves."""
        return f"{self.base_url}/mod/lti/openid-configuration.php"

    @property
    def registration_url(self) -> str:
        """Where tools register themselves."""
        return f"{self.base_url}/mod/lti/openid-registration.php"

    @property
    def services_url(self) -> str:
        """Root of the AGS and NRPS addresses."""
        return f"{self.base_url}/mod/lti/services.php"

    @property
    def tool_login_url(self) -> str:
        """Where the tool waits for login initiations."""
        return f"{self.tool_base_url}/lti/login"

    @property
    def tool_launch_url(self) -> str:
        """The only redirect_uri registered for the tool."""
        return f"{self.tool_base_url}/lti/launch"

    @property
    def tool_jwks_url(self) -> str:
        """Public keys of the tool."""
        return f"{self.tool_base_url}/lti/jwks"

    @property
    def tool_origin(self) -> str:
        """Scheme and host of the tool, for the Content-Security-Policy."""
        parts = urlsplit(self.tool_base_url)
        return f"{parts.scheme}://{parts.netloc}"

    def platform_registration(self) -> dict[str, str | list[str]]:
        """What the tool must record to accept launches from this LMS.

        Keys: issuer, client_id, auth_url, token_url, jwks_url (strings), deployment_ids (list).
        """
        return {
            "issuer": self.issuer,
            "client_id": self.client_id,
            "auth_url": self.auth_url,
            "token_url": self.token_url,
            "jwks_url": self.jwks_url,
            "deployment_ids": [self.deployment_id, self.private_deployment_id],
        }
