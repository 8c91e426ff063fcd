"""Our keys: sealed, published, rotated."""

import json
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwcrypto.jwk import JWK
from sqlalchemy.orm import Session

from lti_app.core.secrecy import UndecipherableError
from lti_app.lti.models import ToolKey
from lti_app.lti.services.keys import (
    KeyState,
    NoSigningKeyError,
    create_key,
    ensure_key,
    forget_retired,
    key_states,
    public_pem,
    published_jwks,
    rotate_key,
    rotate_when_old,
    signing_key,
)
from tests.factories import NOW

SECRET = "a secret of the tests, long enough for production"
OVERLAP = timedelta(hours=24)


MAX_AGE = timedelta(days=90)


def published_kids(session: Session, after: timedelta) -> list[str]:
    return [key["kid"] for key in published_jwks(session, NOW + after)["keys"]]


def signing_kid(session: Session, after: timedelta) -> str:
    return signing_key(session, secret_key=SECRET, now=NOW + after).kid


def test_a_key_is_named_by_its_thumbprint(session: Session) -> None:
    key = create_key(session, secret_key=SECRET, now=NOW)
    assert JWK(**key.public_jwk).thumbprint() == key.kid
    assert (key.public_jwk["alg"], key.public_jwk["use"]) == ("RS256", "sig")


def test_what_it_signs_is_verified_by_what_is_published(session: Session) -> None:
    create_key(session, secret_key=SECRET, now=NOW)
    key = signing_key(session, secret_key=SECRET, now=NOW)
    token = jwt.encode({"ok": True}, key.private_key, "RS256", headers={"kid": key.kid})
    published = jwt.PyJWKSet.from_dict(published_jwks(session, NOW))
    assert jwt.decode(token, published[key.kid], algorithms=["RS256"]) == {"ok": True}


def test_nothing_private_is_published_nor_stored_in_clear(session: Session) -> None:
    key = create_key(session, secret_key=SECRET, now=NOW)
    published = published_jwks(session, NOW)
    assert set(published["keys"][0]) == {"kty", "n", "e", "alg", "use", "kid"}
    private = signing_key(session, secret_key=SECRET, now=NOW).private_key
    d = format(private.private_numbers().d, "x")
    assert "PRIVATE" not in key.sealed_private_key
    assert d not in json.dumps(published)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert JWK(**published["keys"][0]).export_to_pem() == public


def test_another_secret_cannot_read_it(session: Session) -> None:
    create_key(session, secret_key=SECRET, now=NOW)
    with pytest.raises(UndecipherableError):
        signing_key(session, secret_key="another", now=NOW)


def test_a_key_is_made_once(session: Session) -> None:
    first = ensure_key(session, secret_key=SECRET, now=NOW)
    assert ensure_key(session, secret_key=SECRET, now=NOW + timedelta(days=900)).kid == first.kid
    assert published_kids(session, timedelta()) == [first.kid]


def test_no_key_no_signature(session: Session) -> None:
    with pytest.raises(NoSigningKeyError):
        signing_key(session, secret_key=SECRET, now=NOW)
    assert published_jwks(session, NOW) == {"keys": []}


def test_a_new_key_is_published_before_it_signs_and_the_old_one_leaves_after(
    session: Session,
) -> None:
    old = ensure_key(session, secret_key=SECRET, now=NOW).kid
    new = rotate_key(session, secret_key=SECRET, now=NOW, overlap=OVERLAP).kid
    session.expire_all()
    just = timedelta(seconds=1)
    assert published_kids(session, timedelta()) == [new, old]
    assert signing_kid(session, OVERLAP - just) == old
    assert signing_kid(session, OVERLAP) == new
    assert published_kids(session, 2 * OVERLAP - just) == [new, old]
    assert published_kids(session, 2 * OVERLAP) == [new]
    assert signing_kid(session, timedelta(days=900)) == new


def test_rotating_twice_always_leaves_a_key_that_signs_and_is_published(session: Session) -> None:
    ensure_key(session, secret_key=SECRET, now=NOW)
    for hours in (0, 1, 30, 31):
        rotate_key(session, secret_key=SECRET, now=NOW + timedelta(hours=hours), overlap=OVERLAP)
    session.expire_all()
    assert session.query(ToolKey).count() == 5
    for hours in range(31, 200):
        after = timedelta(hours=hours)
        assert signing_kid(session, after) in published_kids(session, after)


def test_rotating_an_empty_database_makes_the_first_key(session: Session) -> None:
    """It signs at once: README has production begin so, and grades must not wait for a day."""
    key = rotate_key(session, secret_key=SECRET, now=NOW, overlap=OVERLAP)
    assert signing_kid(session, timedelta()) == key.kid


def states(session: Session, after: timedelta) -> list[str]:
    return [str(state) for _, state in key_states(session, NOW + after)]


def test_each_key_says_where_it_stands(session: Session) -> None:
    ensure_key(session, secret_key=SECRET, now=NOW)
    assert states(session, timedelta()) == ["signing"]
    rotate_key(session, secret_key=SECRET, now=NOW, overlap=OVERLAP)
    session.expire_all()
    # The same instant of creation: the order of the two rows is not told.
    assert sorted(states(session, timedelta())) == ["published", "signing"]
    assert sorted(states(session, OVERLAP)) == ["leaving", "signing"]
    assert sorted(states(session, 2 * OVERLAP)) == ["retired", "signing"]


def test_without_overlap_no_older_key_stays_published(session: Session) -> None:
    """After a leak: not even the key that an earlier rotation was letting go slowly."""
    ensure_key(session, secret_key=SECRET, now=NOW)
    rotate_key(session, secret_key=SECRET, now=NOW, overlap=OVERLAP)
    new = rotate_key(session, secret_key=SECRET, now=NOW, overlap=timedelta()).kid
    session.expire_all()
    assert published_kids(session, timedelta()) == [new]
    assert signing_kid(session, timedelta()) == new
    assert signing_kid(session, 3 * OVERLAP) == new


def test_a_young_key_is_not_replaced(session: Session) -> None:
    ensure_key(session, secret_key=SECRET, now=NOW)
    almost = NOW + MAX_AGE - timedelta(seconds=1)
    assert rotate_when_old(session, secret_key=SECRET, max_age=MAX_AGE, now=almost) is None
    assert rotate_when_old(session, secret_key=SECRET, max_age=MAX_AGE, now=NOW + MAX_AGE)
    # The new one is young, though it does not sign yet.
    assert rotate_when_old(session, secret_key=SECRET, max_age=MAX_AGE, now=NOW + MAX_AGE) is None


def test_without_any_key_the_first_is_made(session: Session) -> None:
    assert rotate_when_old(session, secret_key=SECRET, max_age=MAX_AGE, now=NOW)
    assert signing_kid(session, timedelta())


def test_the_private_part_goes_with_retirement_and_the_row_a_month_later(session: Session) -> None:
    old = ensure_key(session, secret_key=SECRET, now=NOW).kid
    rotate_key(session, secret_key=SECRET, now=NOW, overlap=OVERLAP)
    retired = NOW + 2 * OVERLAP
    assert forget_retired(session, retired - timedelta(seconds=1)) == 0
    assert forget_retired(session, retired) == 1
    assert forget_retired(session, retired) == 0
    session.expire_all()
    assert session.get_one(ToolKey, old).sealed_private_key == ""
    assert "retired" in states(session, 2 * OVERLAP)
    forget_retired(session, retired + timedelta(days=30))
    session.expire_all()
    assert session.get(ToolKey, old) is None
    assert states(session, timedelta(days=60)) == [KeyState.SIGNING]


def test_the_pem_is_the_published_key(session: Session) -> None:
    key = create_key(session, secret_key=SECRET, now=NOW)
    assert JWK.from_pem(public_pem(key).encode()).thumbprint() == key.kid
    assert "PRIVATE" not in public_pem(key)
