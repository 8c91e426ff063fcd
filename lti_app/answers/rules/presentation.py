"""The order in which options, items and right-hand sides are shown."""

import hashlib
from collections.abc import Sequence


def shuffled(ids: Sequence[str], seed: str) -> list[str]:
    """`ids` in an order drawn from `seed`, whatever the order they come in.

    Drawn by hash and not by `random`: the page that shows the feedback, another server and another
    Python must show the same order. Seed with the person and the question, so that neighbours do
    not see the same letters, and with the attempt, so that a place cannot be learnt by heart.
    """
    return sorted(ids, key=lambda id_: _draw(id_, seed))


def scrambled(ids: Sequence[str], seed: str) -> list[str]:
    """As `shuffled`, but never in the order given, the right one of an ordering question.

    With fewer than two ids there is no other order: they come back as they are.
    """
    order = shuffled(ids, seed)
    if order == list(ids):
        order = order[1:] + order[:1]
    return order


def _draw(id_: str, seed: str) -> bytes:
    # Lone surrogates cannot be encoded; a seed may hold whatever a platform calls a person.
    return hashlib.sha256(f"{seed}|{id_}".encode(errors="surrogatepass")).digest()
