"""Settings read from `RELAIS_…` environment variables (docs/reglages.md lists them all)."""

import secrets
from contextlib import suppress
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import limits
from flask import current_app
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parents[2]


_DEFAULT_PORTS = {"https": ":443", "http": ":80"}
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_STORAGES = ("memory", "redis", "rediss", "redis+unix")
_BROKERS = ("redis", "rediss", "redis+socket", "amqp", "amqps", "filesystem", "memory")
_DATABASES = ("postgresql", "postgres", "postgresql+psycopg", "sqlite")


def _with_scheme(value: str, schemes: tuple[str, ...]) -> str:
    # The value stays out of the message: it may hold a password.
    if value.partition("://")[0] not in schemes or "://" not in value:
        raise ValueError(f"must begin with one of {', '.join(f'{each}://' for each in schemes)}")
    return value


class Environment(StrEnum):
    """What the process may trust: `development` allows http and loopback platforms."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"


class SettingsError(Exception):
    """The environment does not describe a service that can start; the message is one line."""


class Settings(BaseSettings):
    """Everything that differs from one installation to the next."""

    model_config = SettingsConfigDict(env_prefix="RELAIS_", extra="ignore", frozen=True)

    env: Environment = Environment.PRODUCTION
    base_url: str = Field(
        default="http://localhost:8000",
        description="Public address of Relais, as browsers and LMS see it, without final slash.",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Signs sessions and encrypts private keys. 32 characters at least.",
    )
    instance_path: Path = Field(
        default=PROJECT_ROOT / "instance", description="Folder for what Relais writes."
    )
    database_url: str = Field(
        default="", description="SQLAlchemy URL; empty: SQLite in the instance folder."
    )
    broker_url: str = Field(
        default="", description="Celery broker; empty: folders of the instance, no server needed."
    )
    content_path: Path = Field(
        default=PROJECT_ROOT / "courses", description="Folder of the modules."
    )
    timezone: str = Field(
        default="Europe/Paris", description="Zone of the school day and of displayed dates."
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")
    trusted_proxies: int = Field(
        default=1, ge=0, description="Reverse proxies in front, whose X-Forwarded-… are believed."
    )
    rate_limit_storage: str = Field(
        default="memory://",
        description="Where request counts are kept: redis://… when there are several processes.",
    )
    login_rate_limit: str = Field(
        default="600 per minute",
        description="Launches allowed per client address. A whole school may share one address.",
    )

    key_days: int = Field(
        default=90, ge=0, le=3650, description="Age at which our key is replaced; 0: never."
    )

    @field_validator("base_url")
    @classmethod
    def _origin(cls, value: str) -> str:
        """As browsers write it in `Origin`: forms are compared with it."""
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an http(s) address such as https://relais.ac-exemple.fr")
        if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError("must be an address without a path: Relais has a host of its own")
        netloc = parts.netloc.lower().removesuffix(_DEFAULT_PORTS[parts.scheme])
        return f"{parts.scheme}://{netloc}"

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in _LOG_LEVELS:
            raise ValueError(f"must be one of {', '.join(_LOG_LEVELS)}")
        return value.upper()

    @field_validator("login_rate_limit")
    @classmethod
    def _readable_limit(cls, value: str) -> str:
        # Flask-Limiter would log an error and limit nothing.
        try:
            limits.parse_many(value)
        except ValueError as error:
            raise ValueError("must be a limit such as « 600 per minute »") from error
        return value

    @field_validator("rate_limit_storage")
    @classmethod
    def _known_storage(cls, value: str) -> str:
        return _with_scheme(value, _STORAGES)

    @field_validator("broker_url")
    @classmethod
    def _known_broker(cls, value: str) -> str:
        return _with_scheme(value, _BROKERS) if value else value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        return _with_scheme(value, _DATABASES) if value else value

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("is not a known time zone (example: Europe/Paris)") from error
        return value

    @model_validator(mode="after")
    def _safe_in_production(self) -> Self:
        if self.env is Environment.PRODUCTION:
            if len(self.secret_key.get_secret_value()) < 32:
                raise ValueError("RELAIS_SECRET_KEY must hold at least 32 characters in production")
            if not self.base_url.startswith("https://"):
                raise ValueError("RELAIS_BASE_URL must start with https:// in production")
        return self

    @property
    def is_development(self) -> bool:
        return self.env is Environment.DEVELOPMENT

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def effective_database_url(self) -> str:
        if not self.database_url:
            return f"sqlite:///{self.instance_path / 'relais.sqlite3'}"
        # psycopg 3 is the only driver installed; `postgresql://` alone would ask for psycopg2.
        for prefix in ("postgresql://", "postgres://"):
            if self.database_url.startswith(prefix):
                return "postgresql+psycopg://" + self.database_url.removeprefix(prefix)
        return self.database_url

    @property
    def effective_broker_url(self) -> str:
        return self.broker_url or "filesystem://localhost"

    @cached_property
    def effective_secret_key(self) -> str:
        """The configured secret; in development, one made once and kept in the instance folder."""
        configured = self.secret_key.get_secret_value()
        if configured:
            return configured
        path = self.instance_path / "secret_key"
        try:
            self.instance_path.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                _write_secret(path)
            return path.read_text(encoding="ascii")
        except OSError as error:
            raise SettingsError(f"cannot use {self.instance_path}: {error}") from error


def _write_secret(path: Path) -> None:
    """Make the file whole or not at all; the first of several processes makes it.

    Web and worker start together and must agree on one secret, and none may find it half written.
    """
    with NamedTemporaryFile("w", encoding="ascii", dir=path.parent) as draft:  # mode 600
        draft.write(secrets.token_urlsafe(48))
        draft.flush()
        with suppress(FileExistsError):
            path.hardlink_to(draft.name)


def load_settings() -> Settings:
    """Read the environment.

    Raises SettingsError, one line that names the variable, when a value cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        message = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"RELAIS_{name} {message}" if name else message) from error


def current_settings() -> Settings:
    """The settings of the application that serves this request, or runs this task."""
    settings: Settings = current_app.config["RELAIS"]
    return settings
