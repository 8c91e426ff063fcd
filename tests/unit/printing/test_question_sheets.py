"""Questions on paper: the key must be right for what is printed."""

from dataclasses import replace

import pytest

from lti_app.content.rules.catalog import Question, QuestionKind
from lti_app.printing.rules.question_sheets import print_question
from tests.journeys.answer_book import courses

QUESTIONS = [question for module in courses().modules for question in module.questions]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def of_kind(kind: QuestionKind) -> list[Question]:
    return [question for question in QUESTIONS if question.kind is kind]


@pytest.mark.parametrize("kind", [QuestionKind.SINGLE, QuestionKind.MULTIPLE])
def test_letters_are_those_of_the_right_options(kind: QuestionKind) -> None:
    for question in of_kind(kind):
        sheet = print_question(question)
        named = set(sheet.key.replace(" et ", ", ").split(", "))
        right = {sheet.lettered.index(o.html) for o in question.options if o.correct}
        assert {LETTERS.index(letter) for letter in named} == right


def test_the_key_of_a_statement_says_true_or_false_too() -> None:
    for question in of_kind(QuestionKind.TRUEFALSE):
        sheet = print_question(question)
        letter, word = sheet.key.removesuffix(")").split(" (")
        [right] = [option.html for option in question.options if option.correct]
        assert (word, sheet.lettered["ab".index(letter)]) == (right, right)


def test_an_order_is_never_printed_right_and_the_key_restores_it() -> None:
    for question in of_kind(QuestionKind.ORDERING):
        sheet = print_question(question)
        restored = [sheet.lettered[LETTERS.index(letter)] for letter in sheet.key.split(", ")]
        assert restored == [item.html for item in question.items]
        assert list(sheet.lettered) != restored


def test_pairs_are_found_again_by_the_key() -> None:
    for question in of_kind(QuestionKind.MATCHING):
        sheet = print_question(question)
        for pair, key in zip(question.pairs, sheet.key.split(", "), strict=True):
            assert sheet.left[int(key[:-1]) - 1] == pair.left_html
            assert sheet.lettered[LETTERS.index(key[-1])] == pair.right_html
        assert len(sheet.lettered) == len(question.pairs) + len(question.distractors)


def test_words_are_to_be_written() -> None:
    for question in of_kind(QuestionKind.SHORT):
        sheet = print_question(question)
        assert sheet.blank
        assert question.answers[0].text in sheet.key


def test_a_question_being_written_is_printed_without_its_key() -> None:
    question = of_kind(QuestionKind.MULTIPLE)[0]
    unmarked = tuple(replace(option, correct=False) for option in question.options)
    assert print_question(replace(question, options=unmarked)).key == ""
