"""Completion, score, next step and time left of a module."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.completion.rules import (
    CompletionState,
    LessonFacts,
    ModuleFacts,
    Progress,
    Step,
    StepKind,
    is_complete,
    next_step,
    remaining_minutes,
    score,
    state,
)

# Two lessons of 10 minutes, three questions in the first and two in the second.
MODULE = ModuleFacts(
    lessons=(
        LessonFacts("l1", ("q1", "q2", "q3"), minutes=10),
        LessonFacts("l2", ("q4", "q5"), minutes=10),
    ),
    pass_mark=80,
)
ALL_READ = frozenset({"l1", "l2"})
ALL_RIGHT = dict.fromkeys(MODULE.question_ids, True)


def progress(
    read: frozenset[str] | set[str] = frozenset(),
    right: Mapping[str, bool] | None = None,
    wrong: Mapping[str, int] | None = None,
) -> Progress:
    return Progress(frozenset(read), right or {}, wrong or {})


@st.composite
def modules(draw: st.DrawFn) -> ModuleFacts:
    sizes = draw(st.lists(st.integers(0, 6), min_size=1, max_size=5))
    lessons = tuple(
        LessonFacts(
            f"l{number}",
            tuple(f"l{number}-q{index}" for index in range(size)),
            minutes=draw(st.integers(1, 12)),
        )
        for number, size in enumerate(sizes)
    )
    return ModuleFacts(lessons, pass_mark=draw(st.integers(0, 100)))


@st.composite
def journeys(draw: st.DrawFn) -> tuple[ModuleFacts, Progress]:
    facts = draw(modules())
    questions = [*facts.question_ids, "withdrawn"]
    answered = draw(st.dictionaries(st.sampled_from(questions), st.booleans()))
    return facts, Progress(
        frozenset(draw(st.sets(st.sampled_from([lesson.id for lesson in facts.lessons])))),
        answered,
        {q: draw(st.integers(0 if right else 1, 6)) for q, right in answered.items()},
    )


def advance(facts: ModuleFacts, done: Progress, step: Step, right: bool) -> Progress:
    """`done` once `step` has been taken."""
    if step.kind is StepKind.READ_LESSON:
        assert step.lesson_id is not None
        return replace(done, read_lessons=done.read_lessons | {step.lesson_id})
    assert step.question_id is not None
    missed = done.wrong_counts.get(step.question_id, 0) + (not right)
    return replace(
        done,
        last_right={**done.last_right, step.question_id: right},
        wrong_counts={**done.wrong_counts, step.question_id: missed},
    )


# Score and completion


def test_score_is_the_share_of_questions_last_answered_right() -> None:
    assert score(MODULE, progress()) == 0
    assert score(MODULE, progress(right={"q1": True, "q2": False, "q3": True})) == 40
    assert score(MODULE, progress(right=ALL_RIGHT)) == 100


def test_rounding_never_reaches_100_nor_the_pass_mark() -> None:
    lesson = LessonFacts("l", tuple(f"q{n}" for n in range(200)), minutes=10)
    facts = ModuleFacts((lesson,), pass_mark=80)
    for right, expected in ((199, 99), (159, 79), (160, 80)):
        done = progress({"l"}, {f"q{n}": n < right for n in range(200)})
        assert score(facts, done) == expected
        assert is_complete(facts, done) is (expected >= 80)


def test_withdrawn_questions_and_lessons_no_longer_count() -> None:
    done = progress({"old lesson"}, {"old question": True}, {"old question": 9})
    assert score(MODULE, done) == 0
    assert state(MODULE, done, already_completed=False) is CompletionState.NOT_STARTED


def test_completion_needs_every_lesson_and_the_pass_mark() -> None:
    four_of_five = ALL_RIGHT | {"q5": False}
    assert is_complete(MODULE, progress(ALL_READ, four_of_five))
    assert not is_complete(MODULE, progress({"l1"}, ALL_RIGHT))
    assert not is_complete(MODULE, progress(ALL_READ, four_of_five | {"q4": False}))


def test_a_module_without_questions_is_complete_once_read() -> None:
    facts = ModuleFacts((LessonFacts("l", (), minutes=8),), pass_mark=80)
    assert (score(facts, progress()), is_complete(facts, progress())) == (0, False)
    assert (score(facts, progress({"l"})), is_complete(facts, progress({"l"}))) == (100, True)


def test_an_empty_module_is_never_complete() -> None:
    assert not is_complete(ModuleFacts((), pass_mark=0), progress())


@given(journeys())
def test_score_is_the_exact_share_rounded_down(journey: tuple[ModuleFacts, Progress]) -> None:
    facts, done = journey
    questions = facts.question_ids
    if questions:
        right = sum(done.last_right.get(q, False) for q in questions)
        share = Fraction(100 * right, len(questions))
        assert score(facts, done) <= share < score(facts, done) + 1
        assert (score(facts, done) >= facts.pass_mark) == (share >= facts.pass_mark)


@given(journeys(), st.data())
def test_one_more_right_answer_never_lowers_the_score(
    journey: tuple[ModuleFacts, Progress], data: st.DataObject
) -> None:
    facts, done = journey
    question = data.draw(st.sampled_from([*facts.question_ids, "withdrawn"]))
    better = replace(done, last_right={**done.last_right, question: True})
    assert score(facts, better) >= score(facts, done)
    assert is_complete(facts, better) >= is_complete(facts, done)


# State


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        (progress(), CompletionState.NOT_STARTED),
        (progress({"l1"}), CompletionState.STARTED),
        (progress(right={"q1": False}, wrong={"q1": 1}), CompletionState.STARTED),
        (progress(right={"q1": False}, wrong={"q1": 3}), CompletionState.STARTED),
        (progress(right={"q1": False}, wrong={"q1": 4}), CompletionState.NEEDS_HELP),
        (progress(right={"q1": True}, wrong={"q1": 4}), CompletionState.STARTED),
        (progress(ALL_READ, ALL_RIGHT, {"q1": 9}), CompletionState.COMPLETED),
        # Complete with a question never mastered: no help is needed any more.
        (progress(ALL_READ, ALL_RIGHT | {"q1": False}, {"q1": 9}), CompletionState.COMPLETED),
    ],
)
def test_states(done: Progress, expected: CompletionState) -> None:
    assert state(MODULE, done, already_completed=False) is expected


@given(journeys())
def test_completion_once_earned_is_never_taken_back(
    journey: tuple[ModuleFacts, Progress],
) -> None:
    assert state(*journey, already_completed=True) is CompletionState.COMPLETED


@given(journeys())
def test_state_and_completion_agree(journey: tuple[ModuleFacts, Progress]) -> None:
    completed = state(*journey, already_completed=False) is CompletionState.COMPLETED
    assert completed == is_complete(*journey)


# Next step and time left


def test_the_path_of_a_module() -> None:
    done, path = progress(), []
    while (step := next_step(MODULE, done)).kind is not StepKind.DONE:
        path.append(step.question_id or step.lesson_id)
        wrong_now = step.question_id in {"q2", "q4"} and step.kind is StepKind.ANSWER_QUESTION
        done = advance(MODULE, done, step, right=not wrong_now)
    assert path == ["l1", "q1", "q2", "q3", "l2", "q4", "q5", "q2", "q4"]


def test_resuming_comes_back_to_the_first_thing_left() -> None:
    done = progress({"l1"}, {"q1": True, "q3": False}, {"q3": 1})
    assert next_step(MODULE, done) == Step(StepKind.ANSWER_QUESTION, "l1", "q2")


def test_a_question_just_missed_waits_for_the_others() -> None:
    done = progress(ALL_READ, ALL_RIGHT | {"q1": False, "q5": False}, {"q1": 2, "q5": 1})
    assert next_step(MODULE, done) == Step(StepKind.RETRY_QUESTION, "l2", "q5")
    done = advance(MODULE, done, next_step(MODULE, done), right=False)
    assert next_step(MODULE, done) == Step(StepKind.RETRY_QUESTION, "l1", "q1")


def test_remaining_minutes_count_reading_and_questions_left() -> None:
    # 2 lessons: 8.5 + 9 minutes of reading, 5 questions of half a minute.
    assert remaining_minutes(MODULE, progress()) == 20
    assert remaining_minutes(MODULE, progress({"l1"})) == 12  # 9 + 2.5
    half = progress(ALL_READ, {"q1": True, "q2": True, "q3": False}, {"q3": 1})
    assert remaining_minutes(MODULE, half) == 2  # 3 questions
    assert remaining_minutes(MODULE, progress(ALL_READ, ALL_RIGHT)) == 0


def test_a_lesson_left_to_read_is_never_said_to_take_no_time() -> None:
    # Announced minutes that its questions fill entirely, and the questions already right.
    facts = ModuleFacts((LessonFacts("l", ("q1", "q2"), minutes=1),), pass_mark=80)
    assert remaining_minutes(facts, progress(right={"q1": True, "q2": True})) == 1


@given(journeys())
def test_no_minute_is_left_exactly_when_the_module_is_complete(
    journey: tuple[ModuleFacts, Progress],
) -> None:
    assert (remaining_minutes(*journey) == 0) == is_complete(*journey)


@given(journeys())
def test_following_the_steps_rightly_ends_and_completes(
    journey: tuple[ModuleFacts, Progress],
) -> None:
    facts, done = journey
    left = remaining_minutes(facts, done)
    for _ in range(2 * len(facts.question_ids) + len(facts.lessons) + 1):
        step = next_step(facts, done)
        if step.kind is StepKind.DONE:
            break
        done = advance(facts, done, step, right=True)
        now_left = remaining_minutes(facts, done)
        assert now_left <= left
        left = now_left
    assert step == Step(StepKind.DONE)
    assert is_complete(facts, done)
    assert score(facts, done) == 100


@given(journeys())
def test_a_step_is_always_something_left_to_do(journey: tuple[ModuleFacts, Progress]) -> None:
    facts, done = journey
    step = next_step(facts, done)
    match step.kind:
        case StepKind.READ_LESSON:
            assert step.lesson_id not in done.read_lessons
        case StepKind.ANSWER_QUESTION:
            assert step.question_id not in done.last_right
            assert step.lesson_id in done.read_lessons
        case StepKind.RETRY_QUESTION:
            assert step.question_id is not None
            assert done.last_right[step.question_id] is False
        case StepKind.DONE:
            assert score(facts, done) == 100
