"""The trainer's pages: who may see them, and what they show."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from lti_app.completion.rules import CompletionState
from lti_app.core.database import db
from lti_app.lti.models import PlatformState
from lti_app.people.models import Enrolment, EnrolmentState, Role
from tests import factories
from tests.factories import NOW
from tests.unit.reports.conftest import Training
from tests.unit.reports.pages import Page, parse, read_csv, text_of

MODULE = "Module memoriser"


@pytest.fixture(autouse=True)
def _on_monday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def addresses(training: Training) -> list[str]:
    learner = training.add("Ada Martin")
    return [
        training.address,
        f"{training.address}export.csv",
        f"{training.address}referent/{learner.person_id}/",
    ]


# ---- Who may see them


def test_the_trainer_of_the_course_sees_everything(
    training: Training, trainer_client: FlaskClient
) -> None:
    for address in addresses(training):
        assert trainer_client.get(address).status_code == 200


@pytest.mark.parametrize("who", ["learner", "elsewhere", "left", "both", "stranger"])
def test_to_anybody_else_there_is_no_such_page(
    training: Training, client: FlaskClient, who: str
) -> None:
    paths = addresses(training)
    if who == "learner":
        person = training.add("Zoé Allard").person
    elif who == "left":
        person = factories.EnrolmentFactory.create(
            course=training.course, role=Role.TRAINER, state=EnrolmentState.LEFT
        ).person
    elif who == "stranger":
        person = factories.PersonFactory.create()
    else:
        person = factories.EnrolmentFactory.create(role=Role.TRAINER).person
    if who == "both":  # a trainer elsewhere who learns here
        factories.EnrolmentFactory.create(course=training.course, person=person)
    factories.sign_in(client, person)
    for path in paths:
        response = client.get(path)
        assert response.status_code == 404
        assert "Ada" not in response.text


def test_signed_out_is_explained(training: Training, client: FlaskClient) -> None:
    for path in addresses(training):
        response = client.get(path)
        assert response.status_code == 401
        assert "Ada" not in response.text


def test_a_closed_platform_closes_the_report(
    training: Training, trainer_client: FlaskClient
) -> None:
    training.course.platform.state = PlatformState.INACTIVE
    assert trainer_client.get(training.address).status_code == 403


@pytest.mark.parametrize("path", ["/suivi/99999999999999999999/", "/suivi/0/", "/suivi/x/"])
def test_no_such_course(trainer_client: FlaskClient, path: str) -> None:
    assert trainer_client.get(path).status_code == 404


def test_a_card_is_of_a_learner_of_that_very_course(
    training: Training, trainer_client: FlaskClient
) -> None:
    elsewhere = factories.EnrolmentFactory.create()
    for person_id in (elsewhere.person_id, training.trainer.person_id, 0, 2**31 - 1, 2**40):
        path = f"{training.address}referent/{person_id}/"
        assert trainer_client.get(path).status_code == 404


def test_nothing_is_kept_by_caches(peopled: Training, trainer_client: FlaskClient) -> None:
    for path in addresses(peopled):
        assert trainer_client.get(path).headers["Cache-Control"] == "no-store"


# ---- What the list shows


def show(client: FlaskClient, training: Training, query: str = "") -> Page:
    return parse(client.get(f"{training.address}?{query}"))


def test_every_referent_has_a_row(peopled: Training, trainer_client: FlaskClient) -> None:
    page = show(trainer_client, peopled)
    nameless = next(name for name in page.names if name.startswith("Participant"))
    reason = "la plateforme ne peut pas noter cette personne"
    assert page.referents == [
        ["Alain Bœuf", "Terminé", "85", "Non commencé", "—", "09/11/2026", f"Refusée {reason}"],
        ["Inès d’Almeida", "Terminé", "100", "En cours", "0", "09/11/2026", "En attente 1/2"],
        ["Paul Ébène", "Besoin d’aide", "20", "Non commencé", "—", "10/09/2026", "—"],
        ["Zoé Étienne", "Terminé", "92", "Non commencé", "—", "07/11/2026", "Transmise"],
        [nameless, "Non commencé", "—", "Non commencé", "—", "05/10/2025", "—"],
    ]
    assert re.fullmatch(r"Participant \d+ \(nom non transmis\)", nameless)
    assert "5 référents affichés sur 5" in page.text
    assert "1 nom n’est pas transmis" in page.text
    assert "Vous voyez l’avancement, jamais les réponses choisies." in page.text
    assert "Éva Partie" not in page.text


def test_totals_say_n_out_of_all(peopled: Training, trainer_client: FlaskClient) -> None:
    page = show(trainer_client, peopled)
    # Terminé, En cours, Besoin d’aide, Non commencé
    assert page.totals == {
        MODULE: ["3/5", "0/5", "1/5", "1/5"],
        "Module proteger": ["0/5", "1/5", "0/5", "4/5"],
    }
    figures = page.texts(".//section[@class='s-totals']//dl/div")
    assert figures == ["Actifs depuis 30 jours 3/5", "Notes transmises 2/4"]


def test_totals_follow_the_filters(peopled: Training, trainer_client: FlaskClient) -> None:
    page = show(trainer_client, peopled, "nom=almeida&module=memoriser")
    assert page.totals == {MODULE: ["1/1", "0/1", "0/1", "0/1"]}
    assert page.names == ["Inès d’Almeida"]
    assert "1 référent affiché sur 5" in page.text


def test_each_total_leads_to_the_rows_it_counts(
    peopled: Training, trainer_client: FlaskClient
) -> None:
    page = show(trainer_client, peopled)
    links = page.root.findall(".//section[@class='s-totals']//table//a")
    assert len(links) == 8
    for link in links:
        rows = parse(trainer_client.get(link.get("href", ""))).names
        assert text_of(link) == f"{len(rows)}/5"


def test_those_who_left_are_apart(peopled: Training, trainer_client: FlaskClient) -> None:
    page = show(trainer_client, peopled, "inscription=partis")
    assert page.names == ["Éva Partie a quitté la session"]
    assert "1 référent affiché sur 1" in page.text
    assert len(show(trainer_client, peopled, "inscription=tous").names) == 6


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("etat=needs_help", ["Paul Ébène"]),
        ("module=proteger&etat=started", ["Inès d’Almeida"]),
        ("note=refused", ["Alain Bœuf"]),
        ("note=owed&activite=7j", ["Inès d’Almeida"]),
        ("activite=inactifs&nom=ebene", ["Paul Ébène"]),
        ("tri=score.memoriser&sens=desc&etat=completed", ["Inès", "Zoé", "Alain"]),
        ("tri=activite&etat=completed", ["Zoé", "Alain", "Inès"]),
    ],
)
def test_filters_and_sorting(
    peopled: Training, trainer_client: FlaskClient, query: str, names: list[str]
) -> None:
    shown = show(trainer_client, peopled, query).names
    assert len(shown) == len(names)
    for name, expected in zip(shown, names, strict=True):
        assert name.startswith(expected)


def test_the_form_shows_what_was_asked_and_links_keep_it(
    peopled: Training, trainer_client: FlaskClient
) -> None:
    query = "nom=e&etat=completed&note=sent&activite=30j&inscription=tous&tri=activite&sens=desc"
    page = show(trainer_client, peopled, query)
    form = page.one(".//form[@class='s-filters']")
    chosen = [option.get("value") for option in form.findall(".//option[@selected]")]
    assert chosen == ["", "completed", "sent", "30j", "tous"]  # the first one: any module
    assert page.one(".//input[@id='nom']").get("value") == "e"
    hidden = {
        field.get("name"): field.get("value") for field in form.findall(".//input[@type='hidden']")
    }
    assert hidden == {"tri": "activite", "sens": "desc"}
    export = page.one(".//a[@class='btn btn-outline-primary']").get("href", "")
    assert parse_qs(urlsplit(export).query) == parse_qs(query)


def test_headings_sort_both_ways_and_say_so(peopled: Training, trainer_client: FlaskClient) -> None:
    page = show(trainer_client, peopled, "etat=completed")
    headings = page.root.findall(".//table[@class='table r-table s-table']/thead/tr/th")
    sortable = [th for th in headings if th.find("a") is not None]
    assert len(sortable) == 7
    for heading in sortable:
        href = heading.find("a").get("href", "")  # type: ignore[union-attr]
        path, directions = href, []
        for _ in range(2):
            page = parse(trainer_client.get(path))
            (current,) = page.root.findall(".//th[@aria-sort]")
            directions.append(current.get("aria-sort", ""))
            assert text_of(current)[:-1] == text_of(heading)[:-1]  # but for the arrow
            assert len(page.names) == 3  # the filter is kept
            path = current.find("a").get("href", "")  # type: ignore[union-attr]
        assert sorted(directions) == ["ascending", "descending"]


def test_a_session_of_one_module_has_no_choice_of_module(
    peopled: Training, trainer_client: FlaskClient
) -> None:
    peopled.links["proteger"].target = "memoriser"
    for query, hidden in (("", []), ("module=memoriser", ["memoriser"]), ("module=x", [])):
        form = show(trainer_client, peopled, query).one(".//form[@class='s-filters']")
        assert form.find(".//select[@name='module']") is None
        kept = [field.get("value") for field in form.findall(".//input[@name='module']")]
        assert kept == hidden


@pytest.mark.parametrize(
    "query",
    ["etat=inconnu", "module=../..", "inscription=", "activite=1", "note=%00", "nom=" + "a" * 500],
)
def test_a_filter_that_does_not_exist_is_said_and_left_out(
    peopled: Training, trainer_client: FlaskClient, query: str
) -> None:
    page = show(trainer_client, peopled, query)
    assert len(page.names) == 5
    assert page.root.findall(".//*[@aria-invalid='true']")
    assert "Not a valid choice" not in page.text
    assert len(read_csv(trainer_client.get(f"{peopled.address}export.csv?{query}"))) == 5


def test_nobody_yet(training: Training, trainer_client: FlaskClient) -> None:
    page = show(trainer_client, training)
    assert "Aucun référent pour l’instant" in page.text
    assert page.referents == []
    assert read_csv(trainer_client.get(f"{training.address}export.csv")) == []


def test_no_match_offers_to_clear(peopled: Training, trainer_client: FlaskClient) -> None:
    page = show(trainer_client, peopled, "nom=personne")
    assert "Aucun référent ne correspond à ces filtres" in page.text
    assert "0 référent affiché sur 5" in page.text


def test_the_table_can_be_read_by_ear(peopled: Training, trainer_client: FlaskClient) -> None:
    table = show(trainer_client, peopled).one(".//table[@class='table r-table s-table']")
    assert table.find("caption") is not None
    assert all(
        row[0].tag == "th" and row[0].get("scope") == "row" for row in table.findall("tbody/tr")
    )
    assert all(th.get("scope") in {"col", "colgroup"} for th in table.findall("thead/tr/th"))


# ---- The export


@pytest.mark.parametrize(
    "query", ["", "inscription=tous&tri=score.memoriser&sens=desc", "module=memoriser&note=sent"]
)
def test_the_export_is_the_screen(
    peopled: Training, trainer_client: FlaskClient, query: str
) -> None:
    page = show(trainer_client, peopled, query)
    lines = read_csv(trainer_client.get(f"{peopled.address}export.csv?{query}"))
    modules = [title for title in (MODULE, "Module proteger") if f"{title} – état" in lines[0]]
    assert [_as_on_screen(line, modules) for line in lines] == [
        [cell.removesuffix(" 1/2") for cell in row] for row in page.referents
    ]


def _as_on_screen(line: dict[str, str], modules: list[str]) -> list[str]:
    left = " a quitté la session" if line["Inscription"] == "a quitté la session" else ""
    cells = [line["Référent"] + left]
    for title in modules:
        cells += [line[f"{title} – état"], line[f"{title} – score sur 100"] or "—"]
    year, month, day = line["Dernière activité"].split("-")
    grade = f"{line['Note']} {line['Explication']}".strip() or "—"
    return [*cells, f"{day}/{month}/{year}", grade]


def test_the_export_holds_numbers_and_dates(peopled: Training, trainer_client: FlaskClient) -> None:
    response = trainer_client.get(f"{peopled.address}export.csv?nom=etienne")
    (line,) = read_csv(response)
    assert line[f"{MODULE} – score sur 100"] == "92"
    assert line[f"{MODULE} – terminé le"] == "2026-11-07"
    assert line["Inscription"] == "inscrit"
    assert "%" not in response.text


def test_the_export_is_named_after_the_session_and_the_day(
    training: Training, trainer_client: FlaskClient
) -> None:
    training.course.title = "Académie d’Orléans\r\nX: y"
    disposition = trainer_client.get(f"{training.address}export.csv").headers["Content-Disposition"]
    assert disposition == "attachment; filename=suivi-academie-dorleans-x-y-2026-11-09.csv"


# ---- Names that mean harm


HOSTILE = [
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "+33 6",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "Ada\r\nLovelace; =1+1",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}",
    "\u202eevil",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_only_names(
    training: Training, trainer_client: FlaskClient, name: str
) -> None:
    enrolment = training.add(name)
    shown = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    page = show(trainer_client, training)
    assert page.names == [shown]
    assert not page.root.findall(".//tbody//script")
    assert not page.root.findall(".//tbody//img")
    card = parse(trainer_client.get(f"{training.address}referent/{enrolment.person_id}/"))
    assert text_of(card.one(".//h1")) == shown
    (line,) = read_csv(trainer_client.get(f"{training.address}export.csv"))
    assert line["Référent"].lstrip("'") == shown
    assert not line["Référent"].startswith(("=", "+", "-", "@"))
    assert len(line) == 12


# ---- One referent


def test_the_card_says_where_a_referent_stands(
    peopled: Training, trainer_client: FlaskClient
) -> None:
    person_id = _person_id(show(trainer_client, peopled), "Alain Bœuf")
    page = parse(trainer_client.get(f"{peopled.address}referent/{person_id}/"))
    assert text_of(page.one(".//h1")) == "Alain Bœuf"
    assert page.texts(".//h3") == [MODULE, "Module proteger"]
    for words in (
        "Terminé le 9 novembre",
        "85 sur 100 (seuil 80)",
        "2 sur 5",
        "0 sur 2 étapes lues",
        "Refusée par la plateforme",
        "la plateforme ne peut pas noter cette personne",
        "Inscrivez-la comme étudiante ou étudiant",
        "jamais les réponses choisies",
    ):
        assert words in page.text


def test_the_card_leads_back_to_the_list_as_it_was(
    peopled: Training, trainer_client: FlaskClient
) -> None:
    page = show(trainer_client, peopled, "note=refused&tri=activite")
    card = page.one(".//table[@class='table r-table s-table']/tbody//a").get("href", "")
    back = parse(trainer_client.get(peopled.address + card)).one(".//p[@class='r-above']/a")
    assert parse_qs(urlsplit(back.get("href", "")).query) == {
        "note": ["refused"],
        "tri": ["activite"],
    }


def test_the_way_back_takes_only_what_the_list_knows(
    peopled: Training, trainer_client: FlaskClient
) -> None:
    person_id = _person_id(show(trainer_client, peopled), "Alain Bœuf")
    query = "_external=1&_scheme=javascript&course_id=9&nom=a&_anchor=x"
    page = parse(trainer_client.get(f"{peopled.address}referent/{person_id}/?{query}"))
    assert page.one(".//p[@class='r-above']/a").get("href") == f"{peopled.address}?nom=a"


def test_the_card_of_somebody_gone_and_nameless(
    training: Training, trainer_client: FlaskClient
) -> None:
    enrolment = training.add(None, state=EnrolmentState.LEFT)
    page = parse(trainer_client.get(f"{training.address}referent/{enrolment.person_id}/"))
    assert "a quitté la session" in page.text
    assert text_of(page.one(".//h1")).startswith("Participant ")
    assert "ne transmet pas le nom" in page.text


def _person_id(page: Page, name: str) -> int:
    for link in page.root.findall(".//table[@class='table r-table s-table']/tbody//th/a"):
        if text_of(link) == name:
            return int(link.get("href", "").strip("/").split("/")[1].split("?")[0])
    raise AssertionError(f"{name} is not on the page")


# ---- Few statements, whatever the number


@pytest.mark.parametrize("path", ["", "export.csv"])
def test_statements_do_not_grow_with_the_referents(
    training: Training, trainer_client: FlaskClient, path: str
) -> None:
    _add_finishers(training, 1)
    alone = _count_statements(trainer_client, training.address + path)
    _add_finishers(training, 30)
    assert _count_statements(trainer_client, training.address + path) == alone <= 6


def test_the_card_takes_few_statements(training: Training, trainer_client: FlaskClient) -> None:
    referent = _add_finishers(training, 1)
    path = f"{training.address}referent/{referent.person_id}/"
    assert _count_statements(trainer_client, path) <= 9


def _add_finishers(training: Training, count: int) -> Enrolment:
    for _ in range(count):
        referent = training.add("Ada Martin")
        for module_id in training.links:
            training.work(referent, module_id, state=CompletionState.COMPLETED)
            training.owe(referent, module_id)
    return referent


def _count_statements(client: FlaskClient, path: str) -> int:
    assert client.get(path).status_code == 200  # warms what a process keeps
    statements: list[str] = []

    def note(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
    return sum(text.startswith("SELECT") for text in statements)
