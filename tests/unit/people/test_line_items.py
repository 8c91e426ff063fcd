"""Whose column a link's scores go to, launch after launch."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from lti_app.lti.rules.claims import Launch
from lti_app.people.models import LineItemOrigin
from lti_app.people.services import Arrival, remember_launch
from tests import factories
from tests.factories import NOW

ITEM = "https://moodle.example.org/lineitems/2/lineitem?type_id=1"
OTHER = "https://moodle.example.org/lineitems/9/lineitem?type_id=1"
ITEMS = "https://moodle.example.org/lineitems?type_id=1"


@pytest.fixture
def launch(session: Session) -> Any:
    platform = factories.PlatformFactory.create()

    def arrive(line_item: str | None, *, target: str = "memoriser") -> Arrival:
        claims = Launch(
            issuer=platform.issuer,
            client_id=platform.client_id,
            deployment_id="1",
            sub="5",
            roles=(),
            target_link_uri="https://relais.example.org/lti/launch",
            link_id="1",
            link_title="Module",
            context_id="2",
            context_title="Parcours",
            line_item_url=line_item,
            line_items_url=ITEMS,
        )
        arrival = remember_launch(
            session, claims, platform_id=platform.id, deployment_id=None, target=target, now=NOW
        )
        session.commit()
        return arrival

    return arrive


def state(arrival: Arrival) -> tuple[str | None, str | None, bool]:
    link = arrival.link
    return link.line_item_url, link.line_item_origin, arrival.line_item_moved


def test_the_launchs_own_column_wins(launch: Any) -> None:
    assert state(launch(None)) == (None, None, False)
    assert state(launch(ITEM)) == (ITEM, LineItemOrigin.LAUNCH, True)
    assert state(launch(ITEM)) == (ITEM, LineItemOrigin.LAUNCH, False)
    assert state(launch(OTHER)) == (OTHER, LineItemOrigin.LAUNCH, True)


def test_a_column_that_the_lms_withdraws_is_not_forgotten_to_have_been(launch: Any) -> None:
    launch(ITEM)
    assert state(launch(None)) == (None, LineItemOrigin.LAUNCH, False)
    assert state(launch(None)) == (None, LineItemOrigin.LAUNCH, False)
    assert state(launch(ITEM)) == (ITEM, LineItemOrigin.LAUNCH, True)


@pytest.mark.parametrize("origin", [LineItemOrigin.FOUND, LineItemOrigin.CREATED])
def test_a_launch_that_names_none_keeps_what_was_found_or_made(
    session: Session, launch: Any, origin: LineItemOrigin
) -> None:
    link = launch(None).link
    link.line_item_url, link.line_item_origin, link.line_item_label = ITEM, origin, "Module"
    session.commit()
    assert state(launch(None)) == (ITEM, origin, False)
    assert link.line_item_label == "Module"
    assert state(launch(OTHER)) == (OTHER, LineItemOrigin.LAUNCH, True)
    assert link.line_item_label is None


def test_a_link_that_opens_another_module_leaves_the_column_made_for_the_former(
    session: Session, launch: Any
) -> None:
    link = launch(None).link
    link.line_item_url, link.line_item_origin = ITEM, LineItemOrigin.CREATED
    session.commit()
    assert state(launch(None, target="esprit-critique")) == (None, None, False)
    link.line_item_url, link.line_item_origin = ITEM, LineItemOrigin.FOUND
    session.commit()
    assert state(launch(None)) == (ITEM, LineItemOrigin.FOUND, False)


def test_an_older_row_had_its_column_from_a_launch(session: Session, launch: Any) -> None:
    link = launch(ITEM).link
    link.line_item_origin = None
    session.commit()
    assert state(launch(None)) == (None, LineItemOrigin.LAUNCH, False)
