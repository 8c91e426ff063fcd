"""Out of Relais and back: by Moodle XML every kind, by GIFT every kind it has."""

import pytest
from hypothesis import assume, given, settings

from lti_app.content.rules.exchange.gift_writing import gift
from lti_app.content.rules.schema import QuestionSource, parse_question
from tests.unit.content.exchange.questions import (
    Trip,
    bank_of,
    by_gift,
    by_moodle,
    merge_of,
    prepare,
    questions,
)

TRIPS = pytest.mark.parametrize("trip", [by_moodle, by_gift], ids=["moodle-xml", "gift"])


@TRIPS
@given(source=questions())
@settings(max_examples=30)
def test_a_question_that_comes_back_is_left_as_written(source: QuestionSource, trip: Trip) -> None:
    bank = bank_of(source)
    assume(trip is by_moodle or not gift(bank)[1])
    reading = trip(bank)
    merge = merge_of(reading.questions, source)
    assert (reading.skipped, merge.skipped) == ([], [])
    assert (merge.unchanged, merge.changed) == (["essai-q01"], {})


@TRIPS
@given(source=questions())
@settings(max_examples=30)
def test_a_question_new_elsewhere_shows_the_same(source: QuestionSource, trip: Trip) -> None:
    bank = bank_of(source)
    assume(trip is by_moodle or not gift(bank)[1])
    merge = merge_of(trip(bank).questions)
    assert merge.skipped == []
    [entry] = merge.added
    again = parse_question(entry)
    assert (again.family, again.situation) == (source.family, source.situation)
    assert prepare(again) == prepare(source)
