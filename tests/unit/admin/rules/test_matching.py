"""Who is whom in a new LMS: e-mail and sourcedid, never `sub`, never a guess."""

from hypothesis import given
from hypothesis import strategies as st

from lti_app.admin.rules.matching import Account, MatchedBy, Matching, match_accounts


def account(person_id: int, **values: str | None) -> Account:
    known = {"name": None, "sort_name": None, "email": None, "sourcedid": None, **values}
    return Account(person_id, **known)


def pairs(matching: Matching) -> list[tuple[int, int]]:
    return [(match.former.person_id, match.newer.person_id) for match in matching.matches]


def test_the_same_e_mail_is_the_same_person_whatever_the_case() -> None:
    matching = match_accounts(
        [account(1, email="Zoe@ac-exemple.fr", sort_name="n zoe")],
        [account(2, email=" zoe@AC-exemple.fr", sort_name="n zoe")],
    )
    assert pairs(matching) == [(1, 2)]
    assert matching.matches[0].matched_by is MatchedBy.EMAIL
    assert matching.matches[0].certain


def test_the_same_sourcedid_too() -> None:
    matching = match_accounts([account(1, sourcedid="A7")], [account(2, sourcedid="A7")])
    assert pairs(matching) == [(1, 2)]
    assert matching.matches[0].matched_by is MatchedBy.SOURCEDID


def test_what_is_missing_matches_nothing() -> None:
    matching = match_accounts(
        [account(1, email="", sourcedid="")], [account(2, email=" ", sourcedid=None)]
    )
    assert pairs(matching) == []
    assert matching.alone == 1


def test_another_name_or_sourcedid_makes_a_match_uncertain() -> None:
    former = account(1, email="a@b.fr", sort_name="durand zoe", sourcedid="A7")
    for newer in (
        account(2, email="a@b.fr", sort_name="martin luc"),
        account(2, email="a@b.fr", sourcedid="B8"),
        account(2, email="c@d.fr", sourcedid="A7"),
    ):
        matching = match_accounts([former], [newer])
        assert [match.certain for match in matching.matches] == [False]


def test_an_e_mail_that_two_persons_share_proves_nothing() -> None:
    shared = [account(1, email="classe@ac.fr"), account(2, email="classe@ac.fr")]
    newer = [account(3, email="classe@ac.fr")]
    assert pairs(match_accounts(shared, newer)) == []
    assert pairs(match_accounts(newer, shared)) == []


def test_e_mail_and_sourcedid_of_two_persons_are_ambiguous() -> None:
    former = [account(1, email="a@b.fr"), account(2, sourcedid="A7")]
    matching = match_accounts(former, [account(3, email="a@b.fr", sourcedid="A7")])
    assert pairs(matching) == []
    assert [each.person_id for each in matching.ambiguous] == [3]


def test_two_new_accounts_cannot_both_be_one_former_person() -> None:
    former = [account(1, email="a@b.fr", sourcedid="A7")]
    matching = match_accounts(former, [account(2, email="a@b.fr"), account(3, sourcedid="A7")])
    assert pairs(matching) == []
    assert {each.person_id for each in matching.ambiguous} == {2, 3}


def test_who_is_one_already_is_left_alone() -> None:
    one = account(1, email="a@b.fr")
    matching = match_accounts([one], [one, account(2, email="a@b.fr")])
    assert pairs(matching) == []
    assert matching.united == 1


ACCOUNTS = st.lists(
    st.builds(
        Account,
        st.integers(1, 8),
        st.none(),
        st.sampled_from([None, "a", "b"]),
        st.sampled_from([None, "", "x@y.fr", "X@y.fr ", "z@y.fr"]),
        st.sampled_from([None, "", "1", "2"]),
    ),
    max_size=8,
)


@given(ACCOUNTS, ACCOUNTS)
def test_nobody_is_matched_twice_nor_without_a_shared_key(
    former: list[Account], newer: list[Account]
) -> None:
    matching = match_accounts(former, newer)
    found = pairs(matching)
    assert len({one for one, _ in found}) == len({two for _, two in found}) == len(found)
    for one, two in found:
        keys = [
            {
                (kind, value.strip().casefold() if kind == "email" else value.strip())
                for each in accounts
                if each.person_id == person_id
                for kind, value in (("email", each.email), ("sourcedid", each.sourcedid))
                if value and value.strip()
            }
            for accounts, person_id in ((former, one), (newer, two))
        ]
        assert keys[0] & keys[1]
    people = {each.person_id for each in newer}
    counted = len(found) + len(matching.ambiguous) + matching.united + matching.alone
    assert counted == len(people)
