"""Which due questions are asked, and in which order."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.scheduling.session import SESSION_LIMIT, DueCard, compose_session, next_due_days

TODAY = date(2026, 9, 14)


def card(
    question_id: str,
    *,
    module: str = "memoriser",
    family: str | None = None,
    days_late: int = 0,
    recall: float = 0.5,
    flagged: bool = False,
) -> DueCard:
    return DueCard(
        question_id=question_id,
        module_id=module,
        family=family or f"family of {question_id}",
        due_on=TODAY - timedelta(days=days_late),
        retrievability=recall,
        flagged=flagged,
    )


@st.composite
def decks(draw: st.DrawFn, max_size: int = 20) -> list[DueCard]:
    size = draw(st.integers(0, max_size))
    return [
        card(
            f"q{number}",
            module=(module := draw(st.sampled_from("ABC"))),
            family=f"{module}-{draw(st.integers(1, 4))}",
            days_late=draw(st.integers(-3, 9)),
            recall=draw(st.floats(0, 1)),
            flagged=draw(st.booleans()),
        )
        for number in range(size)
    ]


limits = st.integers(0, 15)


def test_only_what_is_due_is_asked() -> None:
    deck = [card("late", days_late=3), card("today"), card("tomorrow", days_late=-1)]
    assert sorted(compose_session(deck, TODAY)) == ["late", "today"]


def test_nothing_due_is_no_session() -> None:
    assert compose_session([], TODAY) == []
    assert compose_session([card("tomorrow", days_late=-1)], TODAY) == []


def test_a_dozen_at_most_the_longest_due() -> None:
    deck = [card(f"q{late}", days_late=late) for late in range(30)]
    session = compose_session(deck, TODAY)
    assert len(session) == SESSION_LIMIT == 12
    assert set(session) == {f"q{late}" for late in range(18, 30)}


def test_few_questions_come_in_due_order() -> None:
    deck = [card(f"q{late}", days_late=late, recall=late / 10) for late in range(4)]
    assert compose_session(deck, TODAY) == ["q3", "q2", "q1", "q0"]


def test_with_more_than_four_the_two_most_likely_successes_open() -> None:
    recalls = {"a": 0.1, "b": 0.9, "c": 0.2, "d": 0.3, "e": 0.8}
    deck = [
        card(id_, module=f"of {id_}", recall=recall, days_late=9 - position)
        for position, (id_, recall) in enumerate(recalls.items())
    ]
    assert compose_session(deck, TODAY) == ["b", "e", "a", "c", "d"]


def test_a_likely_success_from_another_module_is_preferred_in_second() -> None:
    deck = [
        card("easiest", module="A", recall=0.99),
        card("same module", module="A", recall=0.98),
        card("other module", module="B", recall=0.97),
        card("hard 1", module="B", recall=0.2),
        card("hard 2", module="A", recall=0.1),
    ]
    assert compose_session(deck, TODAY)[:2] == ["easiest", "other module"]


def test_misconceptions_come_right_after_the_opening_even_if_due_last() -> None:
    deck = [card(f"q{n}", days_late=9, module=f"M{n}", recall=0.5 + n / 100) for n in range(15)]
    deck.append(card("sure and wrong", module="N", recall=1.0, flagged=True))
    session = compose_session(deck, TODAY)
    assert len(session) == 12
    assert session[2] == "sure and wrong"


def test_a_family_waits_for_the_others_before_coming_twice() -> None:
    twins = [card(f"twin{n}", family="twins", days_late=20 + n) for n in range(3)]
    others = [card(f"q{n}", days_late=n) for n in range(12)]
    session = compose_session(twins + others, TODAY)
    assert [id_ for id_ in session if id_.startswith("twin")] == ["twin2"]
    alone = compose_session(twins, TODAY)
    assert sorted(alone) == ["twin0", "twin1", "twin2"]


def test_modules_are_interleaved_although_due_in_blocks() -> None:
    deck = [card(f"a{n}", module="A", days_late=9) for n in range(2)]
    deck += [card(f"b{n}", module="B", days_late=5) for n in range(2)]
    modules = [id_[0] for id_ in compose_session(deck, TODAY)]
    assert modules == ["a", "b", "a", "b"]


def test_the_frequent_module_is_spread_before_it_is_too_late() -> None:
    # Taking "the first that does not clash" would leave b b b at the end.
    deck = [card("a0", module="A", days_late=9), card("c0", module="C", days_late=8)]
    deck += [card(f"b{n}", module="B", days_late=1) for n in range(2)]
    modules = [id_[0] for id_ in compose_session(deck, TODAY)]
    assert all(one != other for one, other in pairwise(modules))


def test_in_a_single_module_families_due_in_blocks_are_spread() -> None:
    deck = [
        card(f"{family}{n}", family=family, days_late=late)
        for family, late in (("x", 9), ("y", 5), ("z", 1))
        for n in range(2)
    ]
    families = [id_[0] for id_ in compose_session(deck, TODAY)]
    assert all(one != other for one, other in pairwise(families))


@given(decks(), limits)
def test_a_session_holds_due_questions_once_and_as_many_as_it_may(
    deck: list[DueCard], limit: int
) -> None:
    due = {c.question_id for c in deck if c.due_on <= TODAY}
    session = compose_session(deck, TODAY, limit)
    assert len(session) == len(set(session)) == min(limit, len(due))
    assert due.issuperset(session)


@given(decks(), limits, st.randoms(use_true_random=False))
def test_the_order_of_the_cards_does_not_matter(
    deck: list[DueCard], limit: int, rng: object
) -> None:
    session = compose_session(deck, TODAY, limit)
    assert compose_session(list(reversed(deck)), TODAY, limit) == session
    shuffled = list(deck)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert compose_session(shuffled, TODAY, limit) == session


@given(decks(), limits)
def test_no_family_comes_twice_while_another_waits(deck: list[DueCard], limit: int) -> None:
    family = {c.question_id: c.family for c in deck if c.due_on <= TODAY}
    session = compose_session(deck, TODAY, limit)
    asked = Counter(family[id_] for id_ in session)
    waiting = set(family.values()) - set(asked)
    assert not waiting or all(times == 1 for times in asked.values())


@given(decks(max_size=6))
def test_no_neighbours_of_one_module_when_another_order_avoids_it(deck: list[DueCard]) -> None:
    module = {c.question_id: c.module_id for c in deck}
    session = compose_session(deck, TODAY)
    # The opening may be imposed; the rest is compared with every order it could have had.
    opening = session[:2] if len(session) > 4 else []

    def clashes(order: list[str]) -> int:
        return sum(module[one] == module[other] for one, other in pairwise(order))

    best = min(clashes([*opening, *rest]) for rest in permutations(session[len(opening) :]))
    assert clashes(session) == best


@given(st.lists(st.dates(TODAY - timedelta(days=9), TODAY + timedelta(days=40))))
def test_next_due_days_count_what_is_not_due_yet(due_dates: list[date]) -> None:
    listed = next_due_days(due_dates, TODAY, 28)
    assert listed == sorted(listed)
    assert all(TODAY < day <= TODAY + timedelta(days=28) and count > 0 for day, count in listed)
    soon = [day for day in due_dates if TODAY < day <= TODAY + timedelta(days=28)]
    assert sum(count for _, count in listed) == len(soon)


@pytest.mark.parametrize(("horizon", "expected"), [(0, []), (1, [(TODAY + timedelta(days=1), 2)])])
def test_next_due_days_stop_at_the_horizon(horizon: int, expected: list[tuple[date, int]]) -> None:
    tomorrow = TODAY + timedelta(days=1)
    due_dates = [tomorrow, TODAY, tomorrow, TODAY + timedelta(days=2)]
    assert next_due_days(due_dates, TODAY, horizon) == expected
