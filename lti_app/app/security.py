"""Headers, proxies, CSRF and limits: what every request goes through."""

import ipaddress
import time
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from flask_limiter import Limiter
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

from lti_app.core.database import db, mark_read_only, transactions
from lti_app.core.logging import get_logger
from lti_app.core.settings import Settings, current_settings
from lti_app.people.queries import active_platform_origins

csrf = CSRFProtect()

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_ANCESTORS_SECONDS = 5.0
_ANCESTORS = "frame_ancestors"
_PROXY_WATCHED = "proxy_watched"

_OTHER_DOORS = ("practice.enlarge", "certificates.check")
"""Public addresses whose room does not limit them itself."""
_COSTLY = (
    "reports.export", "reports.update_list", "admin.run_check", "practice.kit_file",
    "certificates.attestation",
)  # fmt: skip
"""Pages that read a lot, draw a document, or call an LMS: limited for each person."""
_COSTLY_LIMIT = "30 per minute"

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; base-uri 'none'"
)


def init_app(app: Flask, settings: Settings) -> None:
    """Install the guards, outermost first."""
    if settings.trusted_proxies and not settings.is_development:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    app.config.update(
        # The token lives as long as the session: a form left open over lunch must still work.
        WTF_CSRF_TIME_LIMIT=None,
        # Referer is stripped by some school proxies; the token alone is the proof.
        WTF_CSRF_SSL_STRICT=False,
        RATELIMIT_STORAGE_URI=settings.rate_limit_storage,
        RATELIMIT_HEADERS_ENABLED=False,
        # A store that is down or mute: each process counts for itself, and launches do not wait.
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_STORAGE_OPTIONS=(
            {"socket_connect_timeout": 1, "socket_timeout": 1}
            if settings.rate_limit_storage.startswith("redis")
            else {}
        ),
    )
    csrf.init_app(app)
    limiter = Limiter(_client_network, app=app, default_limits=[], swallow_errors=True)
    app.extensions["relais_limiter"] = limiter
    app.before_request(_choose_transaction)
    if not settings.is_development:
        app.before_request(_watch_proxies)
    app.after_request(_harden)


def limit_pages(app: Flask, settings: Settings) -> None:
    """Limit what the rooms left to limit, once they are open."""
    limiter: Any = app.extensions["relais_limiter"]
    door = limiter.limit(settings.login_rate_limit)
    costly = limiter.limit(_COSTLY_LIMIT, key_func=_client_person)
    for endpoints, limit in ((_OTHER_DOORS, door), (_COSTLY, costly)):
        for endpoint in endpoints:
            app.view_functions[endpoint] = limit(app.view_functions[endpoint])


def _client_network() -> str:
    """Whose requests are counted together: an IPv4 address, or the /64 of an IPv6 one.

    Whoever has one IPv6 address has the 2**64 of its network: each would be a new client.
    """
    address = request.remote_addr or ""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def _client_person() -> str:
    """The person signed in, else their network: a whole school may share one address."""
    return f"person {current_user.get_id()}" if current_user.is_authenticated else _client_network()


def _watch_proxies() -> None:
    """Say once, in the log, that RELAIS_TRUSTED_PROXIES is not what stands in front."""
    if _PROXY_WATCHED in current_app.extensions or request.blueprint in {None, "health"}:
        return
    trusted = current_settings().trusted_proxies
    forwarded = "X-Forwarded-For" in request.headers
    if trusted and not forwarded:
        # Without a proxy that writes it, anybody may, and so choose the address that is counted.
        _warn_of_proxies("proxy_expected_but_not_seen", trusted)
    elif forwarded and not trusted:
        # All clients are then one address, and share one limit.
        _warn_of_proxies("proxy_seen_but_not_trusted", trusted)


def _warn_of_proxies(event: str, trusted: int) -> None:
    current_app.extensions[_PROXY_WATCHED] = True
    get_logger().warning(event, setting="RELAIS_TRUSTED_PROXIES", value=trusted)


def _choose_transaction() -> None:
    # GET /lti/login remembers a state; every other safe request only reads.
    mark_read_only(request.method in _SAFE_METHODS and request.endpoint != "launch.login")


def _harden(response: Response) -> Response:
    headers = response.headers
    # Administration is in no frame: what is clicked there must be seen.
    ancestors = "'none'" if request.blueprint == "admin" else _frame_ancestors()
    newcomer = _origin(g.get("framed_by", ""))
    if newcomer:
        ancestors = f"{ancestors} {newcomer}"
    headers.setdefault(
        "Content-Security-Policy",
        f"{_POLICY}; form-action {_form_action()}; frame-ancestors {ancestors}",
    )
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    # An LMS that registers us in a window of its own must still hear that it may close it.
    headers["Cross-Origin-Opener-Policy"] = (
        "unsafe-none" if newcomer else "same-origin-allow-popups"
    )
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    return response


def _form_action() -> str:
    """Ourselves, and the one platform to which this very page posts (`g.posts_to`), if it does."""
    origin = _origin(g.get("posts_to", ""))
    return f"'self' {origin}" if origin else "'self'"


def _frame_ancestors() -> str:
    cached = current_app.extensions.get(_ANCESTORS)
    moment = time.monotonic()
    if cached and moment - cached[0] < _ANCESTORS_SECONDS:
        value: str = cached[1]
        return value
    try:
        value = _read_frame_ancestors()
    except SQLAlchemyError:
        # The page that says « indisponible » must reach its frame all the same.
        return str(cached[1]) if cached else "'self'"
    current_app.extensions[_ANCESTORS] = (moment, value)
    return value


def _read_frame_ancestors() -> str:
    """Origins of the active platforms."""
    with transactions(read_only=True):
        pairs = active_platform_origins(db.session)
    origins = {origin for pair in pairs for origin in map(_origin, pair) if origin}
    return " ".join(["'self'", *sorted(origins)])


def _origin(url: str) -> str | None:
    parts = urlsplit(url)
    # Anything that is not a plain host would let a registration inject into the header.
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789.-[]:")
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return None
    netloc = parts.netloc.lower()
    return f"{parts.scheme}://{netloc}" if set(netloc) <= allowed else None
