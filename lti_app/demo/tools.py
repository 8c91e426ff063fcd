"""Which tool an address belongs to, and all the addresses of a tool."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from lti_app.demo.models_base import next_number
from lti_app.demo.models_tools import ToolState, ToolType
from lti_app.demo.settings import DemoSettings


@dataclass(frozen=True, slots=True)
class Tool:
    """A configured tool with every address filled in."""

    type_id: str
    client_id: str
    name: str
    launch_url: str
    login_url: str
    redirect_uris: tuple[str, ...]
    jwks_url: str
    deep_linking_url: str

    @property
    def origins(self) -> set[str]:
        """Where its pages may come from, for the Content-Security-Policy."""
        urls = (self.launch_url, self.login_url, self.deep_linking_url, *self.redirect_uris)
        return {origin_of(url) for url in urls} - {""}


def origin_of(url: str) -> str:
    """Scheme and host of an address; empty when it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    safe = parts.netloc and not set(parts.netloc) & set(" ;,'\"*")
    return f"{parts.scheme}://{parts.netloc}" if safe and parts.scheme in ("http", "https") else ""


def resolve(tool_type: ToolType, settings: DemoSettings) -> Tool:
    """The tool of a row: addresses left empty are those of the Relais of `settings`."""
    launch_url = tool_type.launch_url or settings.tool_launch_url
    return Tool(
        type_id=tool_type.id,
        client_id=tool_type.client_id,
        name=tool_type.name,
        launch_url=launch_url,
        login_url=tool_type.login_url or settings.tool_login_url,
        redirect_uris=tuple(tool_type.redirect_uris.split()) or (settings.tool_launch_url,),
        jwks_url=tool_type.jwks_url or settings.tool_jwks_url,
        deep_linking_url=tool_type.deep_linking_url or launch_url,
    )


def first_tool(settings: DemoSettings) -> Tool:
    """The tool this LMS was started for."""
    row = ToolType(
        id=settings.deployment_id,
        client_id=settings.client_id,
        name="", launch_url="", login_url="", redirect_uris="", jwks_url="", deep_linking_url="",
    )  # fmt: skip
    return resolve(row, settings)


def tool_types(session: Session) -> list[ToolType]:
    """Every tool, oldest first."""
    query = select(ToolType).where(ToolType.state != ToolState.DELETED)
    return list(session.scalars(query.order_by(cast(ToolType.id, Integer))))


def find_tool(session: Session, type_id: str) -> ToolType | None:
    """The tool of that deployment id, or None."""
    found = session.get(ToolType, type_id)
    return None if found is None or found.state == ToolState.DELETED else found


def offered_tools(session: Session) -> list[ToolType]:
    """The tools that teachers see in the activity chooser."""
    return [
        row for row in tool_types(session) if row.state == ToolState.CONFIGURED and row.in_chooser
    ]


def tool_of_client(session: Session, client_id: str) -> ToolType | None:
    """The first tool of a client: Moodle has one of each, this LMS starts with two for one."""
    return next((row for row in tool_types(session) if row.client_id == client_id), None)


def next_type_id(session: Session) -> str:
    """A deployment id that was never given."""
    highest = session.scalar(select(func.max(cast(ToolType.id, Integer))))
    return str(next_number(session, "tool_type", above=highest or 0))


def same_domain(rows: Iterable[ToolType], url: str, settings: DemoSettings) -> list[ToolType]:
    """The tools whose address has the host and port of `url`."""
    wanted = domain_of(url)
    return [
        row for row in rows if wanted and domain_of(resolve(row, settings).launch_url) == wanted
    ]


def match_url(session: Session, url: str, settings: DemoSettings) -> ToolType | None:
    """The configured tool that an activity's own address belongs to, as Moodle guesses it.

    Only the host and port must agree (an address that begins like the tool's wins over others): a
    pre-production tool on the same host may well take the activity of the production one.
    """
    rows = [row for row in tool_types(session) if row.state == ToolState.CONFIGURED]
    candidates = same_domain(rows, url, settings)
    return max(
        candidates,
        key=lambda row: url.startswith(resolve(row, settings).launch_url),
        default=None,
    )


def domain_of(url: str) -> str:
    """Host and port of an address, or of what is only a domain, without `www.`; empty for none."""
    text = url if "://" in url else f"//{url}"
    try:
        return urlsplit(text).netloc.casefold().removeprefix("www.")
    except ValueError:
        return ""


def with_query(url: str, values: dict[str, str]) -> str:
    """An address with these parameters added to its query."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(values)}"
