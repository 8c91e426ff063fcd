"""Questions of every kind: answered right, wrong, incompletely, twice, and by forged forms."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lti_app.answers.models import Answer, Card, Occasion
from lti_app.content.services import sync_content
from lti_app.core.database import db
from lti_app.practice.forms import Served, seal, serve, unseal
from tests import factories
from tests.unit.content.sample import edit
from tests.unit.practice.conftest import Enrol, Learner
from tests.unit.practice.page import Page, read
from tests.unit.practice.statements import counted_statements

KINDS = tuple(f"petit-q0{number}" for number in range(1, 7))
SINGLE, MULTIPLE, ORDERING, MATCHING, TRUEFALSE, SHORT = KINDS

WRONG: dict[str, dict[str, list[str]]] = {
    SINGLE: {"choice": ["a"]},
    MULTIPLE: {"choice": ["a", "c"]},
    ORDERING: {"position-a": ["2"], "position-b": ["1"], "position-c": ["3"]},
    TRUEFALSE: {"choice": ["vrai"]},
    SHORT: {"text": ["relecture"]},
}


def answers(session: Session) -> list[Answer]:
    session.expire_all()
    return list(session.scalars(sa.select(Answer).order_by(Answer.id)))


@pytest.mark.parametrize("question_id", KINDS)
def test_a_question_is_a_form_that_can_be_heard(learner: Learner, question_id: str) -> None:
    page = learner.question(question_id)

    number = question_id[-1]
    assert page.title == f"Question {number} sur 6 – Un petit module – Relais"
    assert read(page.one("h1")) == f"Question {number} sur 6"
    for fieldset in page.all("fieldset"):
        assert fieldset.find("legend") is not None
    if question_id != SHORT:
        assert page.all("fieldset")[0].get("aria-describedby") == "enonce"
    assert page.all("div", id="enonce")
    assert "correct" not in page.text
    assert "Parce que" not in page.text, "the explanation comes after the answer"


@pytest.mark.parametrize("question_id", KINDS)
def test_a_right_answer(learner: Learner, session: Session, question_id: str) -> None:
    page = learner.answer(question_id)

    assert page.title.startswith("Réponse juste – Question")
    assert "C’est juste" in read(page.one("div", id="retour"))
    assert page.one("div", id="retour").get("role") == "status"
    assert page.one("div", id="retour").get("tabindex") == "-1"
    assert "Parce que." in page.main
    assert "Cette question reviendra" in page.main
    assert answers(session)[0].correct


@pytest.mark.parametrize(
    ("question_id", "said"),
    [
        (SINGLE, ["Votre réponse, inexacte Une réponse fausse Non.", "La bonne réponse La bonne"]),
        (MULTIPLE, ["Cochée à tort Pas celle-ci", "Cochée, à juste titre", "À cocher aussi Celle"]),
        (
            ORDERING,
            [
                "Éléments à leur place : 1 sur 3.",
                "Rang 1, mal placé Lire Vous l’aviez mis au rang 2",
            ],
        ),
        (TRUEFALSE, ["Votre réponse, inexacte Vrai Non.", "La bonne réponse Faux Oui."]),
        (
            SHORT,
            ["Votre réponse, inexacte « relecture » Non.", "Réponse attendue « récupération »"],
        ),
    ],
)
def test_a_wrong_answer_is_explained(
    learner: Learner, session: Session, question_id: str, said: list[str]
) -> None:
    page = learner.answer(question_id, WRONG[question_id])

    assert page.title.startswith("Réponse inexacte")
    for words in said:
        assert words in page.main, page.main
    assert not answers(session)[0].correct


def test_a_wrong_matching_says_what_goes_with_what(learner: Learner) -> None:
    page = learner.question(MATCHING)
    values = {
        "match-a": [page.option_value("match-a", "Deuxième")],
        "match-b": [page.option_value("match-b", "Premier")],
        "match-c": [page.option_value("match-c", "Dernier")],
    }

    page = learner.open(learner.submit(page, values).location)

    assert "Associations justes : 0 sur 3." in page.main
    assert "Un → Premier Vous aviez choisi « Deuxième »" in page.main
    assert "Trois → Troisième Vous aviez choisi « Dernier »" in page.main


def test_options_not_chosen_are_folded(learner: Learner) -> None:
    page = learner.answer(SINGLE, {"choice": ["b"]})

    folded = page.one("details", class_="p-others")
    assert "Une autre fausse" in read(folded)
    assert "La bonne" not in read(folded)


def test_an_unforeseen_short_answer_gets_the_general_feedback(learner: Learner) -> None:
    page = learner.answer(SHORT, {"text": ["n’importe <b>quoi</b>"]})

    assert "Pensez à chercher." in page.main
    assert "« n’importe <b>quoi</b> »" in page.main
    assert not page.all("b"), "what was typed is escaped"


def test_a_typo_is_forgiven_and_said(learner: Learner) -> None:
    page = learner.answer(SHORT, {"text": ["recuperatoin"]})

    assert "C’est juste" in page.main
    assert "Compris comme « récupération », malgré une faute de frappe" in page.main


@pytest.mark.parametrize(
    ("question_id", "values", "message"),
    [
        (SINGLE, {}, "Choisissez une réponse."),
        (MULTIPLE, {}, "Cochez au moins une réponse."),
        (TRUEFALSE, {}, "Choisissez « Vrai » ou « Faux »."),
        (SHORT, {"text": ["  "]}, "Écrivez votre réponse."),
        (SHORT, {"text": ["x" * 201]}, "Votre réponse est trop longue"),
        (ORDERING, {"position-a": ["1"]}, "il en reste 2"),
        (
            ORDERING,
            {"position-a": ["1"], "position-b": ["1"], "position-c": ["3"]},
            "Deux éléments portent le rang 1",
        ),
        (MATCHING, {}, "il en reste 3"),
    ],
)
def test_an_incomplete_answer_is_asked_again_as_it_was(
    learner: Learner,
    session: Session,
    question_id: str,
    values: dict[str, list[str]],
    message: str,
) -> None:
    asked = learner.question(question_id)

    page = learner.submit(asked, {**values, "confidence": ["hesitant"]})

    assert page.status == 422
    assert page.title.startswith("Erreur : Question")
    summary = page.one("div", id="erreurs")
    assert summary.get("role") == "alert"
    assert message in read(summary)
    target = read_target(page)
    assert target in page.ids(), "the message leads to the control"
    assert page.hidden("token") == asked.hidden("token"), "the same showing"
    assert page.all("input", id="confidence-hesitant", checked="")
    for name, kept in values.items():
        shown = page.all("input", name=name, value=kept[0]) or page.all("select", name=name)
        assert shown
        if shown[0].tag == "select":
            chosen = [o.get("value") for o in shown[0].iter("option") if "selected" in o.attrib]
            assert chosen == kept
    assert answers(session) == []


def read_target(page: Page) -> str:
    link = page.one("div", id="erreurs").find(".//a")
    assert link is not None
    return link.get("href", "").removeprefix("#")


def test_a_corrected_form_is_accepted(learner: Learner, session: Session) -> None:
    page = learner.submit(learner.question(SINGLE), {})

    sent = learner.submit(page, {"choice": ["b"]})

    assert sent.status == 303
    assert len(answers(session)) == 1


@pytest.mark.parametrize(
    ("question_id", "values"),
    [
        (SINGLE, {"choice": ["z"]}),
        (SINGLE, {"choice": ["a", "b"]}),
        (SINGLE, {"choice": ["\x00"]}),
        (SINGLE, {"choice": ["a" * 100_000]}),
        (MULTIPLE, {"choice": ["a", "vrai"]}),
        (ORDERING, {"position-a": ["1"], "position-b": ["2"], "position-c": ["9"]}),
        (ORDERING, {"position-a": ["1", "2"], "position-b": ["2"], "position-c": ["3"]}),
        (ORDERING, {"position-z": ["1"], "position-b": ["2"], "position-c": ["3"]}),
        (ORDERING, {"position-a": ["٣"], "position-b": ["2"], "position-c": ["1"]}),
        (MATCHING, {"match-a": ["a"], "match-b": ["b"], "match-c": ["c"]}),
        (TRUEFALSE, {"choice": ["VRAI"]}),
        (SHORT, {"text": ["récupération", "relecture"]}),
        (SHORT, {"choice": ["b"]}),
    ],
)
def test_a_forged_form_records_nothing(
    learner: Learner, session: Session, question_id: str, values: dict[str, list[str]]
) -> None:
    page = learner.submit(learner.question(question_id), values)

    assert page.status == 422
    assert answers(session) == []


@pytest.mark.parametrize(
    "text", ["récupération\x00", "récupération\u202e", "\ud83d\ude00 récupération"]
)
def test_strange_characters_are_no_accident(learner: Learner, text: str) -> None:
    page = learner.submit(
        learner.question(SHORT), {"text": [text.encode("utf-8", "replace").decode()]}
    )

    assert page.status in {303, 422}


def test_a_form_sent_twice_is_one_answer(learner: Learner, session: Session) -> None:
    page = learner.question(SINGLE)
    first = learner.submit(page, {"choice": ["a"]})

    second = learner.submit(page, {"choice": ["b"]})

    assert len(answers(session)) == 1
    assert first.location.split("#")[0] == second.location.replace("?deja=1", "").split("#")[0]
    shown = learner.open(second.location)
    assert "Vous aviez déjà envoyé ce formulaire" in shown.main
    assert "Ce n’est pas la bonne réponse" in shown.main, "the first answer stands"
    assert second.location.endswith("#retour")


def test_the_time_taken_is_kept(learner: Learner, session: Session) -> None:
    with time_machine.travel(datetime(2026, 11, 9, 9, 0, tzinfo=UTC), tick=False) as clock:
        learner.sign_in()
        page = learner.question(SINGLE)
        clock.shift(timedelta(seconds=42))
        learner.submit(page, {"choice": ["b"]})

    assert answers(session)[0].milliseconds == 42_000


@pytest.mark.parametrize(
    ("said", "kept"),
    [("sure", "sure"), ("guess", "guess"), ("", None), ("SURE", None), ("9", None)],
)
def test_confidence_is_optional_and_never_in_the_way(
    learner: Learner, session: Session, said: str, kept: str | None
) -> None:
    learner.submit(learner.question(SINGLE), {"choice": ["b"], "confidence": [said]})

    assert answers(session)[0].confidence == kept


def test_confidence_is_answered_to(learner: Learner) -> None:
    sure = learner.answer(SINGLE, {"choice": ["a"], "confidence": ["sure"]})
    lucky = learner.answer(TRUEFALSE, {"choice": ["faux"], "confidence": ["guess"]})

    assert "Vous aviez répondu avec certitude" in sure.main
    assert "elle compte comme juste ; elle reviendra très vite" in lucky.main


def test_csrf_is_required(learner: Learner, session: Session) -> None:
    page = learner.question(SINGLE)

    refused = Page(learner.client.post(page.path, data={**page.hidden("token"), "choice": "b"}))

    assert refused.status == 400
    assert "FORMULAIRE" in refused.main
    assert answers(session) == []


def test_a_token_serves_only_what_it_was_made_for(learner: Learner, session: Session) -> None:
    mine = learner.question(SINGLE)
    csrf = mine.hidden("csrf_token")
    tokens = [
        learner.question(TRUEFALSE).hidden("token")["token"],
        mine.hidden("token")["token"][:-3] + "abc",
        "",
        "x.y.z",
    ]

    for token in tokens:
        data = {**csrf, "token": token, "choice": "b"}
        page = Page(learner.client.post(mine.path, data=data))
        assert page.status == 409, token
        assert "Cette page n’était plus valable" in page.main
        assert page.hidden("token")["token"] != token, "a fresh form to answer"
        assert page.one("input", value="b").get("checked") is not None, "filled in as it was"
    assert answers(session) == []


def test_another_persons_answer_does_not_exist(
    learner: Learner, enrol: Enrol, session: Session
) -> None:
    other = enrol(course=learner.enrolment.course)
    answer_id = answers_path(learner.answer(SINGLE).path)

    assert learner.get(answer_id).status == 200
    assert other.get(answer_id).status == 404
    assert learner.get("reponse/999999/").status == 404
    assert learner.get(f"reponse/{2**63 - 1}/").status == 404
    assert learner.get(f"reponse/{2**63}/").status == 404


def answers_path(path: str) -> str:
    return "reponse/" + path.split("/reponse/")[1].split("?")[0]


def test_an_answer_belongs_to_its_course(learner: Learner, enrol: Enrol, session: Session) -> None:
    elsewhere = enrol(person=learner.enrolment.person)
    answer_id = answers_path(learner.answer(SINGLE).path)

    assert elsewhere.get(answer_id).status == 404


def test_a_clarified_question_keeps_the_answer_to_what_was_read(
    learner: Learner, session: Session, content: Path
) -> None:
    page = learner.question(SINGLE)
    served = session.scalars(sa.text("SELECT revision_id FROM question WHERE id = 'petit-q01'"))
    before = served.one()
    republish(session, content, "clarification")

    sent = learner.submit(page, {"choice": ["b"]})

    assert sent.status == 303
    assert answers(session)[0].revision_id == before
    assert learner.open(sent.location).status == 200


def test_a_corrected_question_is_asked_again(
    learner: Learner, session: Session, content: Path
) -> None:
    page = learner.question(SINGLE)
    republish(session, content, "answer")

    refused = learner.submit(page, {"choice": ["b"]})

    assert refused.status == 409
    assert "La question a été corrigée" in refused.main
    assert answers(session) == []
    again = learner.submit(refused, {"choice": ["b"]})
    assert again.status == 303


def test_feedback_on_a_question_corrected_since_hides_the_detail(
    learner: Learner, session: Session, content: Path
) -> None:
    page = learner.answer(SINGLE, {"choice": ["b"]})
    republish(session, content, "answer")

    page = learner.open(page.path)

    assert page.status == 200
    assert "La question a été corrigée" in page.main
    assert "Votre réponse, juste" not in page.main


def republish(session: Session, content: Path, change: str) -> None:
    """Edit the first question, and say what the edit means."""
    edit(content, "petit/questions.yaml", "stem: Quelle", "stem: Au fait, quelle")
    edit(content, "petit/questions.yaml", "  revision: 1", f"  revision: 2\n  change: {change}")
    sync_content(session, folder=content, now=factories.NOW)
    session.commit()


def test_next_goes_through_the_lesson_then_to_what_was_missed(learner: Learner) -> None:
    learner.read(part=4)
    page = learner.answer(SINGLE, {"choice": ["a"]})
    assert page.links()["Question suivante"] == learner.url("question/petit-q02/")

    page = learner.answer(TRUEFALSE)
    assert page.links()["Question suivante"] == learner.url("question/petit-q06/")

    for question_id in (MULTIPLE, ORDERING, MATCHING):
        learner.answer(question_id)
    page = learner.answer(SHORT)
    assert page.links()["Refaire une question ratée"] == learner.url("question/petit-q01/")

    page = learner.answer(SINGLE)
    assert page.links()["Voir le bilan du module"] == learner.url("module/petit/")
    assert "6 réponses justes sur 6 dans le module (100 %)" in page.main


def test_questions_first_then_the_lesson(learner: Learner) -> None:
    for question_id in KINDS:
        page = learner.answer(question_id)

    assert page.links()["Lire l’étape"] == learner.url("etape/petit-un/?partie=1")


def test_an_answer_takes_few_statements(app: Flask, learner: Learner) -> None:
    learner.read(part=4)
    page = learner.question(SINGLE)
    with app.app_context(), counted_statements(db.engine) as statements:
        assert learner.submit(page, {"choice": ["b"]}).status == 303

    assert len(statements) <= 12, statements


def test_options_come_in_another_order_each_time(learner: Learner) -> None:
    def order() -> tuple[str, ...]:
        page = learner.question(SINGLE)
        return tuple(each.get("value", "") for each in page.all("input", name="choice"))

    orders = {order() for _ in range(40)}
    assert len(orders) > 2
    truth = learner.question(TRUEFALSE).all("input", name="choice")
    assert [each.get("value") for each in truth] == ["vrai", "faux"]


def test_items_never_come_in_the_right_order(learner: Learner) -> None:
    for _ in range(20):
        names = [each.get("name") for each in learner.question(ORDERING).all("select")]
        assert names != ["position-a", "position-b", "position-c"]


@settings(max_examples=25)
@given(
    values=st.dictionaries(
        st.text(max_size=12), st.lists(st.text(max_size=8), max_size=3), max_size=4
    )
)
def test_no_form_breaks_the_page(learner: Learner, values: dict[str, Any]) -> None:
    clean = {
        name.encode("utf-8", "ignore").decode(): [
            v.encode("utf-8", "ignore").decode() for v in each
        ]
        for name, each in values.items()
        if name not in {"csrf_token", "token"}
    }
    page = learner.submit(learner.question(ORDERING), clean)

    assert page.status == 422


def test_served_survives_the_round_trip_and_nothing_else(app: Flask) -> None:
    with app.test_request_context():
        served: Served = serve(
            person_id=1,
            course_id=2,
            question_id="q",
            revision_id=3,
            occasion=Occasion.REVIEW,
            now=factories.NOW,
        )
        assert unseal(seal(served)) == served
        assert unseal(seal(served) + "x") is None
        assert served.milliseconds_until(factories.NOW + timedelta(seconds=2)) == 2000


def test_cards_are_made(learner: Learner, session: Session) -> None:
    learner.answer(SINGLE)

    assert session.scalars(sa.select(Card)).one().question_id == SINGLE


DISTRACTORS = "  distractors: [Dernier]\n"
NEW_PAIR = "    - {id: d, left: Quatre, right: Quatrième, feedback: Oui.}\n"


@pytest.mark.parametrize(
    ("question_id", "values", "old", "new"),
    [
        (MATCHING, None, DISTRACTORS, NEW_PAIR + DISTRACTORS),
        (MATCHING, {"match-c": "Dernier"}, DISTRACTORS, ""),
        (SINGLE, {"choice": ["c"]}, "    - id: c\n", "    - id: e\n"),
    ],
)
def test_old_feedback_survives_an_edit_of_what_was_offered(
    learner: Learner,
    session: Session,
    content: Path,
    question_id: str,
    values: dict[str, str] | None,
    old: str,
    new: str,
) -> None:
    """An option may go, or a pair come, without the right answer being another one."""
    asked = learner.question(question_id)
    chosen = learner.right(question_id, asked)
    for name, text in (values or {}).items():
        chosen[name] = [asked.option_value(name, text)] if isinstance(text, str) else text
    page = learner.open(learner.submit(asked, chosen).location)
    path = content / "petit/questions.yaml"
    before, mark, after = path.read_text(encoding="utf-8").partition(f"- id: {question_id}\n")
    after = after.replace(old, new, 1)
    after = after.replace("  revision: 1", "  revision: 2\n  change: clarification", 1)
    path.write_text(before + mark + after, encoding="utf-8")
    sync_content(session, folder=content, now=factories.NOW)
    session.commit()

    page = learner.open(page.path)

    assert page.status == 200
    assert "La question a été corrigée" in page.main
