"""Who, in an LMS that replaces another one, is whom. Pure.

Never by `sub`: both LMS number their accounts from 1, and 42 here is not 42 there.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class MatchedBy(StrEnum):
    """Why two persons are thought to be one."""

    EMAIL = "email"
    SOURCEDID = "sourcedid"
    HAND = "hand"
    """An administrator said so."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person as one issuer shows them."""

    person_id: int
    name: str | None
    sort_name: str | None
    email: str | None
    sourcedid: str | None


@dataclass(frozen=True, slots=True)
class Match:
    """A person of the former LMS and one of the new, who may be the same."""

    former: Account
    newer: Account
    matched_by: MatchedBy
    certain: bool
    """Nothing speaks against it: these may be merged all at once. The others, one by one."""


@dataclass(frozen=True, slots=True)
class Matching:
    """What an administrator sees before merging anybody."""

    matches: tuple[Match, ...]
    """By name of the new account."""
    ambiguous: tuple[Account, ...]
    """New accounts that several persons of the former LMS could be."""
    united: int
    """Persons known to both already."""
    alone: int
    """New accounts that nobody of the former LMS looks like."""


def match_accounts(
    former: Sequence[Account], newer: Sequence[Account], *, administrators: Collection[int] = ()
) -> Matching:
    """Pair the accounts of two issuers by e-mail or by `person_sourcedid`.

    An e-mail or a sourcedid that two persons share on one side proves nothing, and is left out.
    `administrators`: ids of persons of whom nothing is certain, since whoever writes their name and
    e-mail into the new LMS would administer Relais. Linear in the number of accounts.
    """
    known = {account.person_id: account for account in former}
    united = {account.person_id for account in newer} & known.keys()
    strangers = [account for account in newer if account.person_id not in united]
    waiting = [account for account in former if account.person_id not in united]
    by_email = _holders(waiting, _email), _holders(strangers, _email)
    by_sourcedid = _holders(waiting, _sourcedid), _holders(strangers, _sourcedid)
    matches: list[Match] = []
    ambiguous: list[Account] = []
    alone = 0
    for account in _persons(strangers):
        found = {
            MatchedBy.EMAIL: _counterpart(account.email_keys, *by_email),
            MatchedBy.SOURCEDID: _counterpart(account.sourcedid_keys, *by_sourcedid),
        }
        candidates = set().union(*found.values())
        if not candidates:
            alone += 1
        elif len(candidates) > 1:
            ambiguous.append(account.shown)
        else:
            by = MatchedBy.EMAIL if found[MatchedBy.EMAIL] else MatchedBy.SOURCEDID
            other = known[candidates.pop()]
            certain = _agree(other, account.shown) and not (
                {other.person_id, account.shown.person_id} & set(administrators)
            )
            matches.append(Match(other, account.shown, by, certain))
    return _without_rivals(matches, ambiguous, len(united), alone)


@dataclass(frozen=True, slots=True)
class _Grouped:
    """A person's accounts at one issuer, together: there may be several."""

    shown: Account
    email_keys: frozenset[str]
    sourcedid_keys: frozenset[str]


_Holders = dict[str, set[int]]


def _persons(accounts: Iterable[Account]) -> list[_Grouped]:
    groups: dict[int, list[Account]] = defaultdict(list)
    for account in accounts:
        groups[account.person_id].append(account)
    return [
        _Grouped(
            group[0],
            frozenset(filter(None, map(_email, group))),
            frozenset(filter(None, map(_sourcedid, group))),
        )
        for group in groups.values()
    ]


def _holders(accounts: Iterable[Account], key: Callable[[Account], str | None]) -> _Holders:
    holders: _Holders = defaultdict(set)
    for account in accounts:
        value = key(account)
        if value:
            holders[value].add(account.person_id)
    return holders


def _counterpart(keys: Iterable[str], there: _Holders, here: _Holders) -> set[int]:
    """Persons of the former LMS that hold one of these keys alone, as its holder here does."""
    return {
        person_id
        for key in keys
        if len(here.get(key, ())) == 1 and len(there.get(key, ())) == 1
        for person_id in there[key]
    }


def _without_rivals(
    matches: Sequence[Match], ambiguous: list[Account], united: int, alone: int
) -> Matching:
    """Two new persons cannot both be the same former one."""
    suitors: dict[int, int] = defaultdict(int)
    for match in matches:
        suitors[match.former.person_id] += 1
    kept = [match for match in matches if suitors[match.former.person_id] == 1]
    ambiguous.extend(match.newer for match in matches if suitors[match.former.person_id] > 1)
    kept.sort(key=lambda match: (match.newer.sort_name or "", match.newer.person_id))
    return Matching(tuple(kept), tuple(ambiguous), united, alone)


def _agree(former: Account, newer: Account) -> bool:
    """Neither the names, nor the e-mails, nor the sourcedids contradict each other."""
    return all(
        one is None or other is None or one == other
        for one, other in (
            (former.sort_name, newer.sort_name),
            (_email(former), _email(newer)),
            (_sourcedid(former), _sourcedid(newer)),
        )
    )


def _email(account: Account) -> str | None:
    return (account.email or "").strip().casefold() or None


def _sourcedid(account: Account) -> str | None:
    return (account.sourcedid or "").strip() or None
