"""Marking, reading forms (hostile ones too), short answers and presentation order."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lti_app.answers.rules import (
    TEXT_LIMIT,
    AnswerKey,
    Choice,
    ChoiceResponse,
    IncompleteResponse,
    InvalidResponse,
    Kind,
    MatchingKey,
    MatchResponse,
    MultipleKey,
    OrderingKey,
    OrderResponse,
    PartMark,
    Response,
    ShortKey,
    SingleKey,
    TextResponse,
    UnusableResponse,
    is_one_typo_away,
    mark,
    normalise,
    option_count,
    parse_response,
    response_from_json,
    response_to_json,
    scrambled,
    shuffled,
)

SINGLE = SingleKey((Choice("a", False), Choice("b", True), Choice("c", False)))
TRUEFALSE = SingleKey((Choice("vrai", False), Choice("faux", True)))
MULTIPLE = MultipleKey((Choice("a", True), Choice("b", True), Choice("c", False)))
SHORT = ShortKey(
    answers=("récupération", "effort de mémoire"), wrong=("relecture", "récupérations")
)
ORDERING = OrderingKey(("lire", "fermer", "rappeler", "vérifier"))
MATCHING = MatchingKey({"x": "t1", "y": "t2"}, frozenset({"t1", "t2", "t3"}))
KEYS: list[tuple[str, AnswerKey]] = [
    ("single", SINGLE),
    ("truefalse", TRUEFALSE),
    ("multiple", MULTIPLE),
    ("short", SHORT),
    ("ordering", ORDERING),
    ("matching", MATCHING),
]

ids = st.text(st.characters(codec="ascii", categories=["Ll", "Nd"]), min_size=1, max_size=8)
any_text = st.text(st.characters(), max_size=60)  # surrogates and controls included


def right_parts(kind: str, key: AnswerKey, response: Response) -> dict[str, bool]:
    return {part.id: part.correct for part in mark(kind, key, response).parts}


# Marking


def test_single_choice_tells_the_ticked_option_from_the_expected_one() -> None:
    marked = mark("single", SINGLE, ChoiceResponse(frozenset({"a"})))
    assert not marked.correct
    assert marked.parts == (
        PartMark("a", correct=False, chosen=True, expected=False),
        PartMark("b", correct=False, chosen=False, expected=True),
        PartMark("c", correct=True, chosen=False, expected=False),
    )
    assert mark("single", SINGLE, ChoiceResponse(frozenset({"b"}))).correct


def test_true_false_is_a_single_choice() -> None:
    assert mark("truefalse", TRUEFALSE, ChoiceResponse(frozenset({"faux"}))).correct
    assert not mark("truefalse", TRUEFALSE, ChoiceResponse(frozenset({"vrai"}))).correct


@pytest.mark.parametrize(
    ("ticked", "correct"), [("ab", True), ("a", False), ("abc", False), ("c", False)]
)
def test_several_choices_need_the_exact_set(ticked: str, correct: bool) -> None:
    assert mark("multiple", MULTIPLE, ChoiceResponse(frozenset(ticked))).correct is correct


def test_ordering_tells_which_items_are_misplaced() -> None:
    response = OrderResponse(("lire", "rappeler", "fermer", "vérifier"))
    marked = mark("ordering", ORDERING, response)
    assert not marked.correct
    assert marked.parts[1] == PartMark("fermer", correct=False, chosen=3, expected=2)
    assert right_parts("ordering", ORDERING, response) == {
        "lire": True, "fermer": False, "rappeler": False, "vérifier": True,
    }  # fmt: skip


def test_matching_tells_which_pairs_are_wrong() -> None:
    marked = mark("matching", MATCHING, MatchResponse({"x": "t1", "y": "t3"}))
    assert marked.parts == (
        PartMark("x", correct=True, chosen="t1", expected="t1"),
        PartMark("y", correct=False, chosen="t3", expected="t2"),
    )
    assert mark("matching", MATCHING, MatchResponse({"x": "t1", "y": "t2"})).correct


@pytest.mark.parametrize(
    ("typed", "correct", "near", "recognised"),
    [
        ("récupération", True, False, "récupération"),
        ("  LA RECUPERATION. ", True, False, "récupération"),
        ("recupertion", True, True, "récupération"),
        ("recupreation", True, True, "récupération"),
        ("récuprtion", False, False, None),
        # Listed as wrong, although one letter away from an accepted wording.
        ("récupérations", False, False, "récupérations"),
        ("relecture", False, False, "relecture"),
        ("relectrue", False, True, "relecture"),
        ("l’effort de mémoire", True, False, "effort de mémoire"),
        ("effort de memoires", True, True, "effort de mémoire"),
        ("effort du mémoire", False, False, None),
        ("autre chose", False, False, None),
    ],
)
def test_short_answers(typed: str, correct: bool, near: bool, recognised: str | None) -> None:
    marked = mark("short", SHORT, TextResponse(typed))
    assert (marked.correct, marked.near, marked.recognised) == (correct, near, recognised)
    (part,) = marked.parts
    assert (part.chosen, part.correct) == (typed, correct)
    assert part.expected in SHORT.answers


@pytest.mark.parametrize(
    ("kind", "key", "response"),
    [
        ("multiple", SINGLE, ChoiceResponse(frozenset("a"))),
        ("single", SINGLE, TextResponse("a")),
        ("dragdrop", SINGLE, ChoiceResponse(frozenset("a"))),
    ],
)
def test_what_does_not_go_together_is_not_marked(
    kind: str, key: AnswerKey, response: Response
) -> None:
    with pytest.raises(ValueError, match="not marked"):
        mark(kind, key, response)


@pytest.mark.parametrize(
    "broken",
    [
        lambda: SingleKey((Choice("a", False), Choice("b", False))),
        lambda: SingleKey((Choice("a", True), Choice("b", True))),
        lambda: MultipleKey((Choice("a", True), Choice("a", False))),
        lambda: ShortKey(()),
        lambda: ShortKey(("…",)),
        lambda: OrderingKey(("a", "a")),
        lambda: MatchingKey({"x": "t1"}, frozenset({"t2"})),
    ],
)
def test_a_key_nobody_could_be_marked_by_is_refused(broken: object) -> None:
    assert callable(broken)
    with pytest.raises(ValueError, match=r"one|distinct|nothing is left|every pair"):
        broken()


def test_a_guess_has_odds_only_among_single_choices() -> None:
    assert [option_count(key) for _, key in KEYS] == [3, 2, None, None, None, None]


def test_the_kinds_are_those_of_the_content_format() -> None:
    assert {kind for kind, _ in KEYS} == {kind.value for kind in Kind}


@given(st.dictionaries(ids, st.booleans(), min_size=1, max_size=6), st.data())
def test_a_set_is_right_when_each_option_is(options: dict[str, bool], data: st.DataObject) -> None:
    key = MultipleKey(tuple(Choice(id_, correct) for id_, correct in options.items()))
    ticked = data.draw(st.sets(st.sampled_from(sorted(options))))
    marked = mark("multiple", key, ChoiceResponse(frozenset(ticked)))
    assert marked.correct == (ticked == {id_ for id_, correct in options.items() if correct})
    assert marked.correct == all(part.correct for part in marked.parts)
    assert [part.id for part in marked.parts] == list(options)


@given(st.lists(ids, min_size=2, max_size=6, unique=True), st.data())
def test_an_order_is_right_when_each_rank_is(items: list[str], data: st.DataObject) -> None:
    given_order = data.draw(st.permutations(items))
    marked = mark("ordering", OrderingKey(tuple(items)), OrderResponse(tuple(given_order)))
    assert marked.correct == (list(given_order) == items) == all(p.correct for p in marked.parts)
    assert sorted(part.chosen for part in marked.parts) == list(range(1, len(items) + 1))
    misplaced = sum(not part.correct for part in marked.parts)
    assert misplaced != 1  # one item alone cannot be out of place


@given(any_text)
def test_any_text_gets_a_mark(text: str) -> None:
    marked = mark("short", SHORT, TextResponse(text))
    assert marked.correct == (marked.recognised in SHORT.answers)
    assert not (marked.near and marked.recognised is None)


# Wording


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("  La   Récupération ! ", "recuperation"),
        ("L’oubli", "oubli"),
        ("l'oubli", "oubli"),
        ("« les élèves »", "eleves"),
        ("des cœurs", "coeurs"),
        ("auto‑évaluation", "auto evaluation"),
        ("AUTO-ÉVALUATION", "auto evaluation"),
        ("courbe de l’oubli", "courbe de l oubli"),
        ("e\u0301cole", "ecole"),
        ("mé\u00admoire\u200b", "memoire"),
        ("la", "la"),
        ("un", "un"),
        ("(la mémoire)", "memoire"),
        ("lampe", "lampe"),
        ("\u202f…\u00a0!", ""),
        ("", ""),
    ],
)
def test_normalise(text: str, normalised: str) -> None:
    assert normalise(text) == normalised


@given(any_text)
def test_normalising_again_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert once == " ".join(once.split())


@given(any_text.filter(normalise), st.sampled_from(["", " ", "\u00a0", "\t", "\n"]))
def test_spaces_and_punctuation_around_do_not_matter(text: str, space: str) -> None:
    assert normalise(f"{space}«{space}{text}{space}»{space}.") == normalise(text)


@pytest.mark.parametrize(
    "article", ["le ", "La ", "LES ", "l'", "l’", "L’ ", "un ", "une ", "des "]
)
@pytest.mark.parametrize("word", ["memoire", "oubli", "lecture", "une memoire"])
def test_leading_articles_do_not_matter(article: str, word: str) -> None:
    assert normalise(article + word) == normalise(word)


@pytest.mark.parametrize(
    ("typed", "expected", "near"),
    [
        ("memoir", "memoire", True),  # one left out
        ("memmoire", "memoire", True),  # one added
        ("memoite", "memoire", True),  # one replaced
        ("meomire", "memoire", True),  # two swapped
        ("memoire", "memoire", False),  # the same is not near
        ("memore", "memoires", False),  # two slips
        ("oubil", "oubli", False),  # too short to forgive
        ("autoevaluation", "auto evaluation", True),  # spaces
        ("auto evaluatoin", "auto evaluation", True),
        ("outo evaluation", "auto evaluation", False),  # the short word
        ("memoire e travail", "memoire de travail", False),
        ("covid18", "covid19", False),  # digits
        ("", "memoire", False),
    ],
)
def test_one_typo(typed: str, expected: str, near: bool) -> None:
    assert is_one_typo_away(typed, expected) is near


@given(st.text("abcdef", min_size=6, max_size=12), st.data())
def test_any_single_slip_in_a_long_word_is_forgiven(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("abcdefz"))
    slips = [
        word[:place] + word[place + 1 :],
        word[:place] + letter + word[place:],
        word[:place] + letter + word[place + 1 :],
        word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
    ]
    assert all(slip == word or is_one_typo_away(slip, word) for slip in slips)


@given(st.text("abc", max_size=9), st.text("abc", max_size=9))
def test_forgiven_words_are_at_damerau_distance_one(one: str, other: str) -> None:
    assume(one != other)
    forgiven = is_one_typo_away(one, other)
    assert forgiven == (len(other) >= 6 and damerau_distance(one, other) == 1)


def damerau_distance(one: str, other: str) -> int:
    """The textbook table (optimal string alignment), as an oracle."""
    rows = [[max(i, j) if not (i and j) else 0 for j in range(len(other) + 1)]
            for i in range(len(one) + 1)]  # fmt: skip
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            changed = one[i - 1] != other[j - 1]
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + changed)
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


# Forms


@pytest.mark.parametrize(
    ("kind", "key", "form", "response"),
    [
        ("single", SINGLE, {"choice": ["b"]}, ChoiceResponse(frozenset("b"))),
        ("truefalse", TRUEFALSE, {"choice": ["faux"]}, ChoiceResponse(frozenset({"faux"}))),
        ("multiple", MULTIPLE, {"choice": ["a", "c", "a"]}, ChoiceResponse(frozenset("ac"))),
        ("short", SHORT, {"text": [" l’oubli\x00\ud800 "]}, TextResponse("l’oubli")),
        (
            "ordering",
            ORDERING,
            {"position-lire": ["2"], "position-fermer": ["1"], "position-rappeler": ["4"],
             "position-vérifier": ["3"], "csrf_token": ["…"]},
            OrderResponse(("fermer", "lire", "vérifier", "rappeler")),
        ),
        (
            "matching",
            MATCHING,
            {"match-x": ["t3"], "match-y": ["t3"]},
            MatchResponse({"x": "t3", "y": "t3"}),
        ),
    ],
)  # fmt: skip
def test_forms_are_read_and_responses_stored(
    kind: str, key: AnswerKey, form: Mapping[str, list[str]], response: Response
) -> None:
    assert parse_response(kind, form, key) == response
    stored = json.loads(json.dumps(response_to_json(response)))
    assert response_from_json(stored) == response


RANKS = {"position-lire": ["1"], "position-fermer": ["2"], "position-rappeler": ["3"]}


@pytest.mark.parametrize(
    ("kind", "key", "form", "message"),
    [
        ("single", SINGLE, {}, "Choisissez une réponse."),
        ("single", SINGLE, {"choice": [""]}, "Choisissez une réponse."),
        ("truefalse", TRUEFALSE, {}, "Choisissez «\u00a0Vrai\u00a0» ou «\u00a0Faux\u00a0»."),
        ("multiple", MULTIPLE, {}, "Cochez au moins une réponse."),
        ("short", SHORT, {}, "Écrivez votre réponse."),
        ("short", SHORT, {"text": [" ?! "]}, "Écrivez votre réponse."),
        (
            "short",
            SHORT,
            {"text": ["x" * (TEXT_LIMIT + 1)]},
            "Votre réponse est trop longue\u00a0: 200 caractères au plus.",
        ),
        ("ordering", ORDERING, RANKS, "Donnez un rang à chaque élément\u00a0: il en reste 1."),
        (
            "ordering",
            ORDERING,
            RANKS | {"position-vérifier": ["2"]},
            "Deux éléments portent le rang 2\u00a0: donnez un rang différent à chacun.",
        ),
        (
            "matching",
            MATCHING,
            {"match-x": ["t1"], "match-y": [""]},
            "Associez chaque élément\u00a0: il en reste 1.",
        ),
    ],
)
def test_incomplete_forms_say_what_is_missing(
    kind: str, key: AnswerKey, form: Mapping[str, list[str]], message: str
) -> None:
    with pytest.raises(IncompleteResponse) as caught:
        parse_response(kind, form, key)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("kind", "key", "form"),
    [
        ("single", SINGLE, {"choice": ["z"]}),
        ("single", SINGLE, {"choice": ["a", "b"]}),
        ("multiple", MULTIPLE, {"choice": ["a", "z"]}),
        ("short", SHORT, {"text": ["a", "b"]}),
        ("ordering", ORDERING, RANKS | {"position-vérifier": ["5"]}),
        ("ordering", ORDERING, RANKS | {"position-vérifier": ["٤"]}),  # int() would take it for 4
        ("ordering", ORDERING, RANKS | {"position-vérifier": ["4"], "position-z": ["1"]}),
        ("ordering", ORDERING, RANKS | {"position-vérifier": ["4", "4"]}),
        ("matching", MATCHING, {"match-x": ["t1"], "match-y": ["t9"]}),
        ("matching", MATCHING, {"match-x": ["t1"], "match-y": ["t2"], "match-z": ["t1"]}),
    ],
)
def test_forged_forms_are_refused(kind: str, key: AnswerKey, form: Mapping[str, list[str]]) -> None:
    with pytest.raises(InvalidResponse) as caught:
        parse_response(kind, form, key)
    assert "Rechargez la page" in caught.value.message


def test_a_kind_and_a_key_that_disagree_are_a_bug_not_an_answer() -> None:
    with pytest.raises(ValueError, match="has no SingleKey") as caught:
        parse_response("multiple", {"choice": ["a"]}, SINGLE)
    assert not isinstance(caught.value, UnusableResponse)


field_names = (
    st.sampled_from(
        ["choice", "text", "csrf_token", "position-", "match-"]
        + [f"position-{item}" for item in ORDERING.items]
        + [f"match-{left}" for left in MATCHING.pairs]
    )
    | any_text
)
field_values = st.lists(
    st.sampled_from(["", "a", "b", "vrai", "1", "2", "3", "4", "t1", "t2", "01", "-1"]) | any_text,
    max_size=3,
)


@given(st.sampled_from(KEYS), st.dictionaries(field_names, field_values, max_size=8))
def test_any_form_gives_a_response_that_can_be_marked_and_stored_or_a_message(
    question: tuple[str, AnswerKey], form: dict[str, list[str]]
) -> None:
    kind, key = question
    try:
        response = parse_response(kind, form, key)
    except UnusableResponse as problem:
        message = problem.message
    else:
        message = "Rien à redire."
        mark(kind, key, response)
        stored = json.dumps(response_to_json(response), ensure_ascii=False)
        stored.encode()  # no lone surrogate
        assert "\\u0000" not in stored  # PostgreSQL refuses NUL
        assert response_from_json(json.loads(stored)) == response
    assert message.endswith(".")


@given(st.permutations(range(1, 5)))
def test_any_permutation_of_ranks_is_an_order(ranks: list[int]) -> None:
    form = {f"position-{item}": [str(r)] for item, r in zip(ORDERING.items, ranks, strict=True)}
    response = parse_response("ordering", form, ORDERING)
    assert isinstance(response, OrderResponse)
    assert [response.order.index(item) + 1 for item in ORDERING.items] == list(ranks)


# Storage


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"choice": "a"},
        {"choice": [1]},
        {"text": None},
        {"order": [None]},
        {"matches": {"x": 1}},
        {"other": []},
    ],
)
def test_what_was_not_stored_by_us_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a stored response"):
        response_from_json(data)


@given(st.sets(ids, min_size=1))
def test_equal_responses_are_stored_alike(chosen: set[str]) -> None:
    response = ChoiceResponse(frozenset(chosen))
    assert response_to_json(response) == {"choice": sorted(chosen)}
    assert response_from_json(response_to_json(response)) == response


# Presentation


@given(st.lists(ids, max_size=8, unique=True), any_text, st.data())
def test_shuffling_keeps_every_id_and_depends_on_the_seed_alone(
    some: list[str], seed: str, data: st.DataObject
) -> None:
    order = shuffled(some, seed)
    assert sorted(order) == sorted(some)
    assert shuffled(data.draw(st.permutations(some)), seed) == order


def test_shuffling_is_the_same_on_every_machine() -> None:
    assert shuffled("abcdef", "person 1, question 2") == list("fadbec")


def test_seeds_give_different_orders() -> None:
    orders = {tuple(shuffled("abcd", f"person {number}")) for number in range(500)}
    assert len(orders) == 24


@given(st.lists(ids, min_size=2, max_size=6, unique=True), any_text)
def test_an_ordering_question_is_never_shown_solved(items: list[str], seed: str) -> None:
    order = scrambled(items, seed)
    assert order != items
    assert sorted(order) == sorted(items)


@pytest.mark.parametrize("items", [[], ["a"]])
def test_nothing_to_scramble(items: list[str]) -> None:
    assert scrambled(items, "seed") == items
