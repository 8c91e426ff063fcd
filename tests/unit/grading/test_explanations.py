"""What is said of a grade, in French."""

import pytest

from lti_app.grading.rules import GradeState, Problem, advise, explain, refusal_of, score_comment
from tests.unit.lti.test_tokens import REFUSALS

NBSP = "\N{NO-BREAK SPACE}"


def test_states_without_a_problem() -> None:
    assert explain(GradeState.OWED) == "Note en attente d’envoi."
    assert explain(GradeState.SENT) == "Note transmise."
    assert explain(GradeState.REFUSED, "a code of tomorrow") == "Note refusée."
    assert "plus récente" in explain(GradeState.SUPERSEDED)


@pytest.mark.parametrize("problem", list(Problem))
def test_every_problem_is_explained_with_something_to_do(problem: Problem) -> None:
    sentence = explain(GradeState.REFUSED, problem)
    assert sentence.startswith(f"Note refusée{NBSP}: ")
    assert sentence.endswith(".")
    assert advise(GradeState.REFUSED, problem)
    assert len(problem) <= 40, "the column holds forty characters"


def test_what_is_sent_needs_no_advice() -> None:
    assert advise(GradeState.SENT, Problem.TIMEOUT) == ""
    assert explain(GradeState.SENT, Problem.TIMEOUT) == "Note transmise."


def test_every_reason_of_the_token_service_is_a_known_problem() -> None:
    for _status, _body, reason, _permanent in REFUSALS:
        Problem(reason)
    for reason in ("token_url_forbidden", "tool_key_missing"):
        Problem(reason)


def test_moodle_says_400_of_whoever_it_cannot_grade() -> None:
    assert refusal_of(400, enrolled=True) == Problem.NOT_GRADABLE
    assert refusal_of(400, enrolled=False) == Problem.LEFT_COURSE


def test_comments() -> None:
    assert score_comment(92, completed=True, whole_path=False) == (
        f"Module terminé dans Relais, 92{NBSP}% de réponses justes."
    )
    assert score_comment(40, completed=False, whole_path=True) == (
        f"Parcours en cours dans Relais, 40{NBSP}% de réponses justes."
    )
