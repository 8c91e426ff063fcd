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
    NoSigningKeyError,
    create_key,
    ensure_key,
    published_jwks,
    rotate_key,
    signing_key,
)
from tests.factories import NOW

SECRET = "a secret of the tests, long enough for production"
OVERLAP = timedelta(hours=24)


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
