"""/admin/migrations/: linking two LMS, comparing, merging, parting."""

from unittest.mock import patch

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.admin import tasks
from lti_app.admin.models import IssuerSuccession, PersonMerge
from lti_app.people.administration import grant_administrator
from lti_app.people.models import Identity
from tests import factories
from tests.factories import NOW
from tests.unit.admin.conftest import Desk
from tests.unit.practice.page import Page

OLD, NEW = "https://magistere1.example.fr", "https://magistere2.example.fr"


class Town:
    """Two LMS, linked, and people who are in both under two numbers."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.session = desk.session
        self.pairs = [self._person_in_both(n) for n in range(3)]
        self.session.commit()
        desk.post("/migrations/", former_issuer=OLD, issuer=NEW)
        self.session.rollback()
        self.succession_id = self.session.scalars(sa.select(IssuerSuccession.id)).one()
        self.path = f"/migrations/{self.succession_id}/"

    def _person_in_both(self, n: int) -> tuple[int, int]:
        values = {"name": f"Zoé <b>Allard{n}", "sort_name": f"allard{n}", "email": f"z{n}@ac.fr"}
        people = [factories.PersonFactory(**values) for _ in range(2)]
        for person, issuer in zip(people, (OLD, NEW), strict=True):
            factories.IdentityFactory(person=person, issuer=issuer, sub=str(40 - n))
        return people[0].id, people[1].id

    def open(self) -> Page:
        return self.desk.open(self.path)

    def merge_path(self, n: int) -> str:
        kept, merged = self.pairs[n]
        return f"{self.path}reunir/{kept}/{merged}"

    def issuers_of(self, person_id: int) -> set[str]:
        self.session.rollback()
        statement = sa.select(Identity.issuer).where(Identity.person_id == person_id)
        return set(self.session.scalars(statement))


@pytest.fixture
def town(desk: Desk) -> Town:
    return Town(desk)


def test_two_platforms_are_linked_from_the_list(town: Town) -> None:
    page = town.desk.open("/migrations/")
    assert OLD in page.text
    assert NEW in page.text
    assert town.desk.log()[-1].action == "succession.create"


def test_linking_again_or_to_itself_is_explained(town: Town) -> None:
    again = town.desk.post("/migrations/", 409, former_issuer=OLD, issuer=NEW)
    assert "déjà reliées" in again.text
    itself = town.desk.post("/migrations/", 409, former_issuer=OLD, issuer=OLD)
    assert "différentes" in itself.text
    town.desk.post("/migrations/", 400, former_issuer="https://evil.example", issuer=NEW)


def test_one_platform_alone_cannot_be_linked(desk: Desk) -> None:
    assert "qu’une plateforme" in desk.open("/migrations/").text


def test_the_preview_counts_and_shows_pairs_escaped(town: Town) -> None:
    page = town.open()
    assert "3 correspondances sûres" in page.text
    assert "Zoé <b>Allard0" in page.main  # read as text: it was escaped
    assert page.all("b") == []


def test_compare_then_merge_then_part(town: Town) -> None:
    kept, merged = town.pairs[0]
    compared = town.desk.open(town.merge_path(0))
    assert "z0@ac.fr" in compared.text
    after = town.desk.confirm(town.merge_path(0))
    assert "C’est fait" in after.text
    assert town.issuers_of(kept) == {OLD, NEW}
    assert town.issuers_of(merged) == set()
    merge_id = town.session.scalars(sa.select(PersonMerge.id)).one()
    assert "2 correspondances sûres" in town.open().text
    town.desk.confirm(f"/migrations/reunions/{merge_id}/separer")
    assert town.issuers_of(merged) == {NEW}
    assert "Séparées le" in town.open().text
    refused = town.desk.post(f"/migrations/reunions/{merge_id}/separer", 409)
    assert "déjà défaite" in refused.text
    assert [entry.action for entry in town.desk.log()[-2:]] == ["merge.do", "merge.undo"]


def test_an_emptied_person_is_still_found_and_says_whom_they_became(town: Town) -> None:
    kept, merged = town.pairs[0]
    said = f"Réunie avec la personne n° {kept}"
    town.desk.confirm(town.merge_path(0))
    rows = town.desk.open("/personnes/", q="allard0").all("tr")[1:]
    words = [" ".join("".join(row.itertext()).split()) for row in rows]
    assert [said in each for each in words] == [False, True]
    page = town.desk.open(f"/personnes/{merged}/")
    assert said in page.main
    assert f"/admin/personnes/{kept}/" in page.links().values()
    assert "Réunie avec" not in town.desk.open(f"/personnes/{kept}/").main
    merge_id = town.session.scalars(sa.select(PersonMerge.id)).one()
    town.desk.confirm(f"/migrations/reunions/{merge_id}/separer")
    assert "Réunie avec" not in town.desk.open("/personnes/").main
    assert "Réunie avec" not in town.desk.open(f"/personnes/{merged}/").main


def test_what_cannot_be_merged_is_explained(town: Town) -> None:
    kept, merged = town.pairs[0]
    refused = town.desk.post(f"{town.path}reunir/{merged}/{kept}", 409)
    assert "ancienne plateforme" in refused.text
    town.desk.open(f"{town.path}reunir/{kept}/999999", 404)
    town.desk.open("/migrations/999999/", 404)
    town.desk.open("/migrations/reunions/999999/separer", 404)
    town.desk.open(f"/migrations/{2**31}/", 404)


def test_administrators_are_merged_one_by_one_and_knowingly(town: Town) -> None:
    kept, _ = town.pairs[0]
    grant_administrator(town.session, person_id=kept, actor_id=None, now=NOW)
    page = town.open()
    assert "2 correspondances sûres" in page.text
    assert "ouvrira l’administration" in town.desk.open(town.merge_path(0)).main
    assert "ouvrira l’administration" not in town.desk.open(town.merge_path(1)).main
    town.desk.confirm(town.merge_path(0))
    assert town.issuers_of(kept) == {OLD, NEW}


def test_two_persons_named_by_hand_are_compared(town: Town) -> None:
    kept, merged = town.pairs[1]
    page = town.desk.post(f"{town.path}choisir", kept=str(kept), merged=str(merged))
    assert "Réunir ces deux personnes" in page.text
    for value in ("", "0", "-1", "99999999999", "x\x00"):
        town.desk.post(f"{town.path}choisir", 400, kept=value, merged=str(merged))


def test_all_the_certain_ones_are_merged_in_the_background(town: Town, session: Session) -> None:
    with patch.object(tasks.merge_certain, "apply_async") as queued:
        page = town.desk.confirm(f"{town.path}reunir-tout")
    assert "en arrière-plan" in page.text
    (arguments,) = [call.kwargs["args"] for call in queued.call_args_list]
    session.rollback()
    tasks.merge_certain.run(*arguments)
    assert all(town.issuers_of(kept) == {OLD, NEW} for kept, _ in town.pairs)
    tasks.merge_certain.run(*arguments)  # asked twice
    assert session.scalar(sa.select(sa.func.count()).select_from(PersonMerge)) == 3
    assert "3 déjà réunies" in town.open().text


def test_a_broker_that_is_down_is_said(town: Town) -> None:
    with patch.object(tasks.merge_certain, "apply_async", side_effect=OSError):
        page = town.desk.confirm(f"{town.path}reunir-tout")
    assert "n’a pas pu commencer" in page.text


def test_the_preview_takes_as_many_statements_for_three_as_for_sixty(town: Town) -> None:
    def count() -> int:
        statements: list[str] = []
        engine = town.session.get_bind()
        listener = lambda *args: statements.append(args[2])  # noqa: E731
        sa.event.listen(engine, "before_cursor_execute", listener)
        town.open()
        sa.event.remove(engine, "before_cursor_execute", listener)
        return len(statements)

    before = count()
    for n in range(3, 60):
        town._person_in_both(n)
    town.session.commit()
    assert count() == before
