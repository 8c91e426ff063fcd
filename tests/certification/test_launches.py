"""Every launch that must be refused or accepted beyond 1EdTech's guide (which is in `guide/`).

One parametrised test (lti.md §3). A case starts from a valid student launch and mutates one thing.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
import requests
import responses
from cryptography.hazmat.primitives import serialization

from lti_app.lti.models import PlatformState
from lti_app.lti.rules import claims as claim
from tests.certification.attempts import INSTRUCTOR, Attempt, assert_opened, assert_refused
from tests.platform_double import (
    KID,
    Json,
    private_key,
    public_jwk,
    unsigned,
)

Mutation = Callable[[Attempt], Any]


def without(*names: str) -> Mutation:
    """Drop claims."""

    def mutate(attempt: Attempt) -> None:
        for name in names:
            attempt.claims.pop(name)

    return mutate


def having(**values: Any) -> Mutation:
    """Set claims."""
    return lambda attempt: attempt.claims.update(values)


def claims(values: Json) -> Mutation:
    """Set claims whose names are URLs."""
    return lambda attempt: attempt.claims.update(values)


def shifted(name: str, seconds: float) -> Mutation:
    """Set a time claim relative to now."""
    return lambda attempt: attempt.claims.update({name: int(time.time() + seconds)})


def both(*mutations: Mutation) -> Mutation:
    def mutate(attempt: Attempt) -> None:
        for mutation in mutations:
            mutation(attempt)

    return mutate


def signed(sign: Callable[[Attempt], str]) -> Mutation:
    return lambda attempt: setattr(attempt, "sign", sign)


def jwks(*keys: Json) -> Mutation:
    """Publish these keys instead."""

    def mutate(attempt: Attempt) -> None:
        attempt.platform.jwks[:] = keys

    return mutate


def jwks_answer(**answer: Any) -> Mutation:
    """Make the JWKS address answer this."""

    def mutate(attempt: Attempt) -> None:
        attempt.mock.replace(responses.GET, attempt.platform.row.jwks_url, **answer)

    return mutate


def form(**values: str) -> Mutation:
    return lambda attempt: attempt.form.update(values)


def closed(what: str) -> Mutation:
    """Close the platform or its deployment."""

    def mutate(attempt: Attempt) -> None:
        getattr(attempt.platform, what).state = PlatformState.INACTIVE
        attempt.session.commit()

    return mutate


def no_header_kid(attempt: Attempt) -> str:
    return jwt.encode(
        attempt.claims, private_key(), algorithm="RS256", headers={"badtestonly": "12345"}
    )


def hs256_with_public_key(attempt: Attempt) -> str:
    """The classic confusion: our verifier must not take an RSA public key for a shared secret."""
    public = (
        private_key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    head = unsigned({"alg": "HS256", "kid": KID, "typ": "JWT"}, attempt.claims)[:-1]
    mac = hmac.new(public, head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def other_key(attempt: Attempt) -> str:
    return jwt.encode(
        attempt.claims, private_key("intruder"), algorithm="RS256", headers={"kid": KID}
    )


def nonce_of_another_state(attempt: Attempt) -> None:
    attempt.claims["nonce"] = attempt.platform.begin(attempt.begun.client).nonce


# fmt: off
BAD: dict[str, tuple[Mutation, str]] = {
    "wrong aud": (having(aud="someone-else"), "LTI-PLATEFORME"),
    "aud list not containing us": (having(aud=["other", "another"]), "LTI-AUDIENCE"),
    "aud list with us, azp not us": (
        lambda attempt: attempt.claims.update(
            aud=[attempt.platform.row.client_id, "other"], azp="other"), "LTI-PLATEFORME"),
    "aud us, azp outside": (having(azp="other"), "LTI-AUDIENCE"),
    "aud list with us, no azp": (
        lambda attempt: attempt.claims.update(
            aud=[attempt.platform.row.client_id, "other"]), "LTI-AUDIENCE"),
    "aud empty list": (having(aud=[]), "LTI-AUDIENCE"),
    "aud number": (having(aud=7), "LTI-AUDIENCE"),
    "aud list with a number": (having(aud=[7]), "LTI-AUDIENCE"),
    "azp number": (having(azp=7), "LTI-AUDIENCE"),
    "unknown iss": (having(iss="https://unknown.example.org"), "LTI-PLATEFORME"),
    "iss number": (
        signed(lambda attempt: unsigned(
            {"alg": "RS256", "kid": KID}, {**attempt.claims, "iss": 7})), "LTI-JETON"),
    "unknown deployment": (claims({claim.DEPLOYMENT_ID: "999"}), "LTI-DEPLOIEMENT-ATTENTE"),
    "deployment number": (claims({claim.DEPLOYMENT_ID: 1}), "LTI-DEPLOIEMENT"),
    "inactive registration": (closed("row"), "LTI-PLATEFORME-FERMEE"),
    "inactive deployment": (closed("deployment"), "LTI-DEPLOIEMENT"),
    "no exp": (without("exp"), "LTI-HORLOGE"),
    "no iat": (without("iat"), "LTI-HORLOGE"),
    "iat two days old with a future exp": (shifted("iat", -172_800), "LTI-HORLOGE"),
    "iat in two minutes": (both(shifted("iat", 120), shifted("exp", 180)), "LTI-HORLOGE"),
    "nbf in two minutes": (shifted("nbf", 120), "LTI-HORLOGE"),
    "exp two minutes ago": (both(shifted("iat", -180), shifted("exp", -120)), "LTI-HORLOGE"),
    "exp text": (having(exp="tomorrow"), "LTI-HORLOGE"),
    "exp infinite": (having(exp=float("inf")), "LTI-HORLOGE"),
    "iat true": (having(iat=True), "LTI-HORLOGE"),
    "iat list": (having(iat=[1]), "LTI-HORLOGE"),
    "no target_link_uri": (without(claim.TARGET_LINK_URI), "LTI-CIBLE"),
    "target_link_uri on another host": (
        claims({claim.TARGET_LINK_URI: "https://evil.example/lti/launch"}), "LTI-CIBLE"),
    "target_link_uri not a URL": (claims({claim.TARGET_LINK_URI: "https://[x"}), "LTI-CIBLE"),
    "no nonce": (without("nonce"), "LTI-JETON"),
    "nonce number": (having(nonce=7), "LTI-NONCE"),
    "foreign nonce": (having(nonce="made-up"), "LTI-NONCE"),
    "nonce with half a surrogate pair": (having(nonce="\ud800"), "LTI-NONCE"),
    "nonce of another state": (nonce_of_another_state, "LTI-NONCE"),
    "no state": (form(state=""), "LTI-ETAT"),
    "unknown state": (form(state="made-up"), "LTI-ETAT"),
    "alg none": (
        signed(lambda attempt: unsigned({"alg": "none", "kid": KID}, attempt.claims)),
        "LTI-ALGORITHME"),
    "alg a list": (
        signed(lambda attempt: unsigned({"alg": ["RS256"], "kid": KID}, attempt.claims)),
        "LTI-ALGORITHME"),
    "HS256 signed with the RSA public key": (signed(hs256_with_public_key), "LTI-ALGORITHME"),
    "RS256 by another key with the same kid": (signed(other_key), "LTI-SIGNATURE"),
    "key published for another algorithm": (
        jwks(public_jwk(private_key(), alg="RS512")), "LTI-ALGORITHME"),
    "private key published": (
        jwks({**public_jwk(private_key()), "d": "AQAB"}), "LTI-CLES"),
    "symmetric key published": (
        jwks({"kty": "oct", "kid": KID, "k": "c2VjcmV0"}), "LTI-CLES"),
    "broken key published": (
        jwks({"kty": "RSA", "kid": KID, "n": "!", "e": "AQAB"}), "LTI-JETON"),
    "JWKS not JSON": (jwks_answer(body="<html>"), "LTI-CLES"),
    "JWKS without keys": (jwks_answer(json={}), "LTI-CLES"),
    "JWKS keys not a list": (jwks_answer(json={"keys": "x"}), "LTI-CLES"),
    "JWKS a list": (jwks_answer(json=[]), "LTI-CLES"),
    "JWKS 500": (jwks_answer(status=500), "LTI-CLES"),
    "JWKS times out": (
        jwks_answer(body=requests.exceptions.ReadTimeout()), "LTI-CLES"),
    "JWKS redirects to a private address": (
        jwks_answer(status=302, headers={"Location": "http://169.254.169.254/keys"}), "LTI-CLES"),
    "roles a text": (claims({claim.ROLES: INSTRUCTOR}), "LTI-ROLES"),
    "roles with a number": (claims({claim.ROLES: [7]}), "LTI-ROLES"),
    "context a list": (claims({claim.CONTEXT: ["2"]}), "LTI-FORMAT"),
    "context without id": (claims({claim.CONTEXT: {"title": "x"}}), "LTI-FORMAT"),
    "context id a number": (claims({claim.CONTEXT: {"id": 2}}), "LTI-FORMAT"),
    "custom a list": (claims({claim.CUSTOM: []}), "LTI-FORMAT"),
    "AGS line item not an address": (
        claims({claim.AGS: {"lineitem": "javascript:alert(1)"}}), "LTI-FORMAT"),
    "AGS scope a text": (claims({claim.AGS: {"scope": "score"}}), "LTI-FORMAT"),
    "return_url not an address": (
        claims({claim.PRESENTATION: {"return_url": "javascript:alert(1)"}}), "LTI-FORMAT"),
    "return_url half an address": (
        claims({claim.PRESENTATION: {"return_url": "https://[x/mod/lti/return.php"}}),
        "LTI-FORMAT"),
    "sub a number": (
        signed(lambda attempt: jwt.api_jws.encode(
            json.dumps({**attempt.claims, "sub": 5}).encode(), private_key(),
            algorithm="RS256", headers={"kid": KID})), "LTI-PERSONNE"),
    "sub empty": (having(sub=" "), "LTI-PERSONNE"),
    "sub very long": (having(sub="x" * 256), "LTI-PERSONNE"),
    "sub with a null character": (having(sub="5\x00"), "LTI-PERSONNE"),
    "title with half a surrogate pair": (
        claims({claim.RESOURCE_LINK: {"id": "1", "title": "\ud800"}}), "LTI-LIEN"),
    "roles with a null character": (claims({claim.ROLES: ["\x00"]}), "LTI-ROLES"),
    "resource_link id a number": (claims({claim.RESOURCE_LINK: {"id": 1}}), "LTI-LIEN"),
    "unknown message type": (claims({claim.MESSAGE_TYPE: "LtiStartProctoring"}), "LTI-MESSAGE"),
    "message type a list": (claims({claim.MESSAGE_TYPE: ["x"]}), "LTI-MESSAGE"),
    "two-part token": (form(id_token="aaaa.bbbb"), "LTI-JETON"),
    "three parts of nothing": (form(id_token="a.b.c"), "LTI-JETON"),
    "payload a list": (
        signed(lambda _: jwt.api_jws.encode(
            b"[]", private_key(), algorithm="RS256", headers={"kid": KID})), "LTI-JETON"),
    "token of 100 kB": (form(id_token="x" * 100_000), "LTI-JETON"),
    "token of 1 MB": (form(id_token="x" * 1_000_000), "TROP-GROS"),
    "no id_token": (form(id_token=""), "LTI-JETON"),
    "platform answers login_required": (form(error="login_required"), "LTI-REFUS"),
    "platform answers a hostile error": (form(error="<script>alert(1)</script>"), "LTI-REFUS"),
}

VALID: dict[str, Mutation] = {
    "iat 3 s in the future": shifted("iat", 3),
    "iat 50 s in the future": both(shifted("iat", 50), shifted("exp", 110)),
    "exp 3 s ago": both(shifted("iat", -63), shifted("exp", -3)),
    "aud [other, us], azp us": lambda attempt: attempt.claims.update(
        aud=["other", attempt.platform.row.client_id], azp=attempt.platform.row.client_id),
    "aud list of us alone": lambda attempt: attempt.claims.update(
        aud=[attempt.platform.row.client_id]),
    "key without alg": lambda attempt: attempt.platform.jwks[0].pop("alg"),
    "float timestamps": lambda attempt: attempt.claims.update(
        iat=time.time(), exp=time.time() + 60),
    "custom values null": claims({claim.CUSTOM: {"mail": None, "module": "memoriser"}}),
    "names that are not text": having(name=7, email=["x"]),
    "name with half a surrogate pair": having(name="Zo\ud800", email="\x00"),
    "custom with a null character": claims({claim.CUSTOM: {"module": "\x00", "grades": "\ud800"}}),
    "empty presentation": claims({claim.PRESENTATION: {}}),
    "unknown claims": claims({"https://example.org/claim": {"deep": [1]}}),
}
# fmt: on


@pytest.mark.parametrize("name", BAD)
def test_refused(attempt: Attempt, name: str) -> None:
    mutate, code = BAD[name]
    mutate(attempt)
    assert_refused(attempt, code)


@pytest.mark.parametrize("name", VALID)
def test_accepted(attempt: Attempt, name: str) -> None:
    VALID[name](attempt)
    assert_opened(attempt, "/session/")
