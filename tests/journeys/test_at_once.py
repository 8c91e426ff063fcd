"""Several requests at the same instant, through two web processes, on each database."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
import requests

from tests.journeys.answer_book import right_answer, the_module
from tests.journeys.http_browser import Page, Visitor, fields_for
from tests.journeys.stack import Stack

pytestmark = pytest.mark.journey


@pytest.fixture
def visitor(stack: Stack, learner: str) -> Visitor:
    return Visitor(stack, learner)


def all_at_once(calls: Sequence[Callable[[], requests.Response]]) -> list[requests.Response]:
    """Each call in a thread of its own, none before all are there."""
    barrier = Barrier(len(calls))

    def call(each: Callable[[], requests.Response]) -> requests.Response:
        barrier.wait(timeout=30)
        return each()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


def posting(visitor: Visitor, page: Page) -> Callable[[], requests.Response]:
    """Sends the form of a question from a tab of its own."""
    return partial(visitor.tab().post, page, page.form("/question/"), fields_for(page))


def test_same_form_many_times_is_one_answer(visitor: Visitor) -> None:
    question = the_module().questions[0]
    visitor.launch()
    page = visitor.get(f"{visitor.course_url}/question/{question.id}/")
    answers = all_at_once([posting(visitor, page) for _ in range(8)])
    assert {answer.status_code for answer in answers} == {303}
    addresses = [answer.headers["Location"] for answer in answers]
    assert len({address.partition("?")[0].partition("#")[0] for address in addresses}) == 1
    assert sum("deja=1" not in address for address in addresses) == 1
    assert f"1 réponse juste sur {len(the_module().questions)}" in visitor.module_page().words


def test_whole_module_answered_at_once(stack: Stack, visitor: Visitor) -> None:
    visitor.launch()
    visitor.read_everything()
    pages = [
        visitor.get(f"{visitor.course_url}/question/{question.id}/")
        for question in the_module().questions
    ]
    # Eight at a time, as many as the web has threads.
    answers = [
        answer
        for start in range(0, len(pages), 8)
        for answer in all_at_once([posting(visitor, page) for page in pages[start : start + 8]])
    ]
    assert {answer.status_code for answer in answers} == {303}
    assert sum("termine=1" in answer.headers["Location"] for answer in answers) == 1
    count = len(the_module().questions)
    assert f"{count} réponses justes sur {count} (100 %)" in visitor.module_page().words
    stack.wait_until(
        lambda: visitor.grade(visitor.username) == ("100.0", "2"), what="the best score in the LMS"
    )


def test_two_tabs_with_two_choices_keep_both_answers(visitor: Visitor) -> None:
    question = next(each for each in the_module().questions if each.kind == "truefalse")
    visitor.launch()
    address = f"{visitor.course_url}/question/{question.id}/"
    tabs = [visitor.tab(), visitor.tab()]
    right = right_answer(question)["choice"][0]
    values = [{"choice": [right]}, {"choice": ["vrai" if right == "faux" else "faux"]}]
    pages = [tab.get(address) for tab in tabs]
    answers = all_at_once(
        [
            partial(tab.post, page, page.form("/question/"), value)
            for tab, page, value in zip(tabs, pages, values, strict=True)
        ]
    )
    said = [visitor.get(f"{visitor.site.tool_url}{a.headers['Location']}") for a in answers]
    assert "C’est juste" in said[0].words
    assert "Ce n’est pas la bonne réponse" in said[1].words


def test_one_launch_sent_many_times_enters_once(visitor: Visitor) -> None:
    signed = visitor.begin_launch()
    form = signed.form("/lti/launch")
    tabs = [visitor.tab() for _ in range(6)]
    answers = all_at_once([partial(tab.post, signed, form) for tab in tabs])
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [303, 400, 400, 400, 400, 400]


def test_many_people_launch_at_once(stack: Stack, visitor: Visitor) -> None:
    # Of these nobody else is: the hundred people of the stack are numbered upwards.
    people = [Visitor(stack, f"referent-{number:04}") for number in range(93, 101)]
    signed = [person.begin_launch() for person in people]
    answers = all_at_once(
        [
            partial(person.post, page, page.form("/lti/launch"))
            for person, page in zip(people, signed, strict=True)
        ]
    )
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1, "one and the same course"
