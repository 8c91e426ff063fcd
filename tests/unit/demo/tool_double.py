"""The other side of the demonstration LMS: a tool that signs what tests want."""

import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.unit.demo import bench

LTI = "https://purl.imsglobal.org/spec/lti/claim"
DEEP = "https://purl.imsglobal.org/spec/lti-dl/claim"
JWKS_URL = f"{bench.TOOL_URL}/lti/jwks"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwks(**keys: rsa.RSAPrivateKey) -> dict[str, Any]:
    """The key set of the tool; by default its key is `k1`."""
    return {
        "keys": [
            {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "alg": "RS256"}
            for kid, key in (keys or {"k1": KEY}).items()
        ]
    }


def deep_linking_response(items: list[dict[str, Any]] | None, **changes: Any) -> str:
    """A signed answer, good but for `changes` of its claims (None drops one)."""
    now = int(time.time())
    key = changes.pop("key", KEY)
    claims: dict[str, Any] = {
        "iss": bench.CLIENT_ID,
        "aud": bench.BASE_URL,
        "iat": now,
        "exp": now + 300,
        "nonce": f"n{time.perf_counter_ns()}",
        f"{LTI}/deployment_id": "1",
        f"{LTI}/message_type": "LtiDeepLinkingResponse",
        f"{LTI}/version": "1.3.0",
        f"{DEEP}/content_items": items,
        **changes,
    }
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key, algorithm="RS256", headers={"kid": "k1"})
