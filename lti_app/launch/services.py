"""From a verified launch to an open session, now or in a tab of its own."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.content.queries import load_catalog
from lti_app.core.secrecy import SecretBox, UndecipherableError, digest, same
from lti_app.grading.services import owe_grades_for_link, owe_to_new_line_item
from lti_app.launch.rules import resolve_target
from lti_app.lti.models import HeldLaunch
from lti_app.lti.rules import explanations
from lti_app.lti.rules.claims import ClaimError, Launch
from lti_app.lti.rules.leaving import url_for_whole_window
from lti_app.people.models import Role
from lti_app.people.services import Arrival, remember_launch

HELD_FOR = timedelta(minutes=10)
_PURPOSE = "held-launch"


@dataclass(frozen=True)
class Opened:
    """A launch that led somewhere: who, where, and the grades to send after the commit."""

    arrival: Arrival
    return_url: str | None
    owed_grade_ids: tuple[int, ...]


def open_launch(
    session: Session,
    launch: Launch,
    *,
    platform_id: int,
    deployment_id: int | None,
    now: datetime,
) -> Opened:
    """Remember the launch, and owe this activity what its person already earned elsewhere."""
    catalog = load_catalog(session)
    target = resolve_target(launch.custom, launch.target_link_uri, catalog.module_ids)
    arrival = remember_launch(
        session,
        launch,
        platform_id=platform_id,
        deployment_id=deployment_id,
        target=target,
        now=now,
    )
    if arrival.line_item_moved:
        owe_to_new_line_item(session, link=arrival.link, now=now)
    owed: list[int] = []
    if arrival.enrolment.role == Role.LEARNER and (
        arrival.link.line_item_url or arrival.link.line_items_url
    ):
        owed = owe_grades_for_link(
            session,
            person_id=arrival.person.id,
            link_id=arrival.link.id,
            catalog=catalog,
            now=now,
        )
    return Opened(arrival, url_for_whole_window(launch.return_url), tuple(owed))


def hold_launch(
    session: Session,
    launch: Launch,
    *,
    platform_id: int,
    deployment_id: int,
    browser_digest: str | None,
    secret_key: str,
    now: datetime,
) -> str:
    """Keep a launch whose frame sent no cookie. Returns the one-time token.

    It opens a tab of its own or, with the secret whose digest is `browser_digest`, the very frame.
    """
    token = secrets.token_urlsafe(32)
    ids = {"platform_id": platform_id, "deployment_id": deployment_id}
    text = json.dumps({**ids, "launch": launch.as_json()})
    session.add(
        HeldLaunch(
            token_digest=digest(token),
            sealed_launch=SecretBox(secret_key, _PURPOSE).seal(text),
            browser_digest=browser_digest,
            expires_at=now + HELD_FOR,
        )
    )
    return token


@dataclass(frozen=True)
class ReleasedLaunch:
    """A launch held earlier, and our ids of where it came from."""

    launch: Launch
    platform_id: int
    deployment_id: int


def release_launch(
    session: Session,
    token: str,
    *,
    browser_secret: str | None = None,
    secret_key: str,
    now: datetime,
) -> ReleasedLaunch:
    """The launch held under this token, once. Raises ClaimError.

    `browser_secret`: what the LMS's storage gave back; a wrong one uses nothing up.
    """
    if browser_secret is not None:
        _check_browser(session, token, browser_secret)
    statement = (
        sa.update(HeldLaunch)
        .where(
            HeldLaunch.token_digest == digest(token),
            HeldLaunch.consumed_at.is_(None),
            HeldLaunch.expires_at > now,
        )
        .values(consumed_at=now)
        .returning(HeldLaunch.sealed_launch)
        .execution_options(synchronize_session=False)
    )
    sealed = session.execute(statement).scalar_one_or_none()
    if sealed is None:
        raise ClaimError(explanations.STATE, "held launch unknown, used or expired")
    try:
        held = json.loads(SecretBox(secret_key, _PURPOSE).open(sealed))
    except UndecipherableError as error:
        raise ClaimError(explanations.STATE, "held launch sealed with another key") from error
    return ReleasedLaunch(
        Launch.from_json(held["launch"]), int(held["platform_id"]), int(held["deployment_id"])
    )


def _check_browser(session: Session, token: str, browser_secret: str) -> None:
    """Whether this browser began the login of the launch held under the token."""
    statement = sa.select(HeldLaunch.browser_digest).where(HeldLaunch.token_digest == digest(token))
    expected = session.execute(statement).scalar_one_or_none()
    if expected is None or not same(digest(browser_secret), expected):
        raise ClaimError(explanations.BROWSER, "the LMS's storage holds another login's secret")
