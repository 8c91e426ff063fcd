"""From a posted form to a response, and from a response to what is stored.

Fields: `choice` (repeated for several), `text`, `position-<item id>` ("1"…"n"),
`match-<left id>` (a right token). Everything posted may be forged.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

from lti_app.answers.rules.kinds import (
    AnswerKey,
    ChoiceResponse,
    IncompleteResponse,
    InvalidResponse,
    Kind,
    MatchingKey,
    MatchResponse,
    MultipleKey,
    OrderingKey,
    OrderResponse,
    Response,
    ShortKey,
    SingleKey,
    TextResponse,
)
from lti_app.answers.rules.wording import normalise

TEXT_LIMIT = 200
"""Characters of a short answer: one or two words are expected."""

Form = Mapping[str, list[str]]

_UNSTORABLE = frozenset({"Cc", "Cs"})  # PostgreSQL refuses NUL and lone surrogates in JSON


def parse_response(kind: str, form: Form, key: AnswerKey) -> Response:
    """The response a posted form holds for a question of this kind.

    Raises IncompleteResponse (something is missing: `message` says what, in French) or
    InvalidResponse (values the form never offered); ValueError when `kind` and `key` disagree.
    """
    match kind, key:
        case Kind.SINGLE | Kind.TRUEFALSE, SingleKey():
            return _parse_single(kind, form, key)
        case Kind.MULTIPLE, MultipleKey():
            return _parse_multiple(form, key)
        case Kind.SHORT, ShortKey():
            return _parse_text(form)
        case Kind.ORDERING, OrderingKey():
            return _parse_order(form, key)
        case Kind.MATCHING, MatchingKey():
            return _parse_matches(form, key)
        case _:
            raise ValueError(f"a question of kind {kind!r} has no {type(key).__name__}")


def response_to_json(response: Response) -> dict[str, object]:
    """`response` as plain JSON values, the same for equal responses."""
    match response:
        case ChoiceResponse(chosen):
            return {"choice": sorted(chosen)}
        case TextResponse(text):
            return {"text": text}
        case OrderResponse(order):
            return {"order": list(order)}
        case MatchResponse(matches):
            return {"matches": dict(sorted(matches.items()))}


def response_from_json(data: Mapping[str, object]) -> Response:
    """The response that `response_to_json` wrote. Raises ValueError for anything else."""
    match data:
        case {"choice": list(ids)} if _are_strings(ids):
            return ChoiceResponse(frozenset(ids))
        case {"text": str(text)}:
            return TextResponse(text)
        case {"order": list(ids)} if _are_strings(ids):
            return OrderResponse(tuple(ids))
        case {"matches": dict(matches)} if _are_strings([*matches, *matches.values()]):
            return MatchResponse(dict(matches))
        case _:
            raise ValueError(f"not a stored response: fields {sorted(data)}")


def _are_strings(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _parse_single(kind: str, form: Form, key: SingleKey) -> ChoiceResponse:
    chosen = [value for value in form.get("choice", []) if value]
    if not chosen:
        truefalse = kind == Kind.TRUEFALSE
        raise IncompleteResponse(
            "Choisissez «\N{NO-BREAK SPACE}Vrai\N{NO-BREAK SPACE}» ou "
            "«\N{NO-BREAK SPACE}Faux\N{NO-BREAK SPACE}»."
            if truefalse
            else "Choisissez une réponse."
        )
    if len(chosen) > 1:
        raise InvalidResponse
    return _choice_response(chosen, {choice.id for choice in key.choices})


def _parse_multiple(form: Form, key: MultipleKey) -> ChoiceResponse:
    chosen = [value for value in form.get("choice", []) if value]
    if not chosen:
        raise IncompleteResponse("Cochez au moins une réponse.")
    return _choice_response(chosen, {choice.id for choice in key.choices})


def _choice_response(chosen: Iterable[str], offered: set[str]) -> ChoiceResponse:
    response = ChoiceResponse(frozenset(chosen))
    if not response.chosen <= offered:
        raise InvalidResponse
    return response


def _parse_text(form: Form) -> TextResponse:
    typed = _one_value(form, "text")
    # The length first: normalising is not free, and a form may hold megabytes.
    if len(typed) > TEXT_LIMIT:
        raise IncompleteResponse(
            f"Votre réponse est trop longue\N{NO-BREAK SPACE}: {TEXT_LIMIT} caractères au plus."
        )
    text = _storable(typed)
    if not normalise(text):
        raise IncompleteResponse("Écrivez votre réponse.")
    return TextResponse(text)


def _parse_order(form: Form, key: OrderingKey) -> OrderResponse:
    posted = _posted_by_id(form, "position-", key.items)
    ranks = {str(rank) for rank in range(1, len(key.items) + 1)}
    if not ranks.issuperset(rank for rank in posted.values() if rank):
        raise InvalidResponse
    _require_all("Donnez un rang à chaque élément", posted)
    rank, times = Counter(posted.values()).most_common(1)[0]
    if times > 1:
        raise IncompleteResponse(
            f"{_in_words(times)} éléments portent le rang {rank}\N{NO-BREAK SPACE}: "
            "donnez un rang différent à chacun."
        )
    return OrderResponse(tuple(sorted(posted, key=lambda item: int(posted[item]))))


def _parse_matches(form: Form, key: MatchingKey) -> MatchResponse:
    posted = _posted_by_id(form, "match-", key.pairs)
    if not key.rights.issuperset(right for right in posted.values() if right):
        raise InvalidResponse
    _require_all("Associez chaque élément", posted)
    return MatchResponse(posted)


def _posted_by_id(form: Form, prefix: str, ids: Iterable[str]) -> dict[str, str]:
    """The value posted for each id, "" when none. A field for an unknown id is refused."""
    posted = {id_: _one_value(form, prefix + id_) for id_ in ids}
    if any(name.startswith(prefix) and name.removeprefix(prefix) not in posted for name in form):
        raise InvalidResponse
    return posted


def _one_value(form: Form, name: str) -> str:
    values = form.get(name, [])
    if len(values) > 1:
        raise InvalidResponse
    return values[0] if values else ""


def _require_all(request: str, posted: Mapping[str, str]) -> None:
    missing = sum(not value for value in posted.values())
    if missing:
        raise IncompleteResponse(f"{request}\N{NO-BREAK SPACE}: il en reste {missing}.")


def _in_words(count: int) -> str:
    return {2: "Deux", 3: "Trois", 4: "Quatre", 5: "Cinq", 6: "Six"}.get(count, str(count))


def _storable(text: str) -> str:
    spaced = " ".join(text.split())
    return "".join(char for char in spaced if unicodedata.category(char) not in _UNSTORABLE)
