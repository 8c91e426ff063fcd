"""A platform of the tests: signs what it is told to, publishes its keys through `responses`."""

import base64
import json
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import responses
from cryptography.hazmat.primitives.asymmetric import rsa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lti_app.lti.models import Deployment, Platform
from lti_app.lti.rules import claims as claim
from tests import factories

KID = "platform-key-1"
BASE_URL = "https://relais.example.org"

Json = dict[str, Any]


@lru_cache
def private_key(name: str = "platform") -> rsa.RSAPrivateKey:
    """A key per name, made once per process."""
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_jwk(key: rsa.RSAPrivateKey, kid: str = KID, **values: Any) -> Json:
    jwk: Json = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    jwk.pop("key_ops", None)
    return {**jwk, "kid": kid, "alg": "RS256", "use": "sig", **values}


def unsigned(header: Json, claims: Json) -> str:
    """A token with an empty signature (alg none)."""
    parts = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in (header, claims)
    )
    return ".".join((*parts, ""))


@dataclass
class Begun:
    """A login under way in a browser."""

    client: FlaskClient
    state: str
    nonce: str
    response: TestResponse


@dataclass
class PlatformDouble:
    """An LMS with one registration and one deployment in Relais."""

    row: Platform
    deployment: Deployment
    jwks: list[Json] = field(default_factory=lambda: [public_jwk(private_key())])

    @classmethod
    def register(cls, session: Session, **values: Any) -> "PlatformDouble":
        row = factories.PlatformFactory(**values)
        deployment = factories.DeploymentFactory(platform=row)
        session.commit()
        return cls(row, deployment)

    def publish(self, mock: responses.RequestsMock) -> None:
        """Serve the keys at the registration's JWKS address."""
        mock.add_callback(
            responses.GET,
            self.row.jwks_url,
            callback=lambda _request: (200, {}, json.dumps({"keys": self.jwks})),
            content_type="application/json",
        )

    def login_params(self, **values: str) -> dict[str, str]:
        return {
            "iss": self.row.issuer,
            "target_link_uri": f"{BASE_URL}/lti/launch",
            "login_hint": "5",
            "lti_message_hint": '{"cmid":2,"launchid":"ltilaunch1_29073181"}',
            "client_id": self.row.client_id,
            "lti_deployment_id": self.deployment.deployment_id,
            **values,
        }

    def begin(self, client: FlaskClient, **values: str) -> Begun:
        """Login initiation in this browser; state and nonce as sent to the platform."""
        response = client.post("/lti/login", data=self.login_params(**values))
        assert response.status_code == 302, response.text
        query = parse_qs(urlsplit(response.location).query)
        return Begun(client, query["state"][0], query["nonce"][0], response)

    def claims(self, nonce: str, **values: Any) -> Json:
        """A student's resource link launch; `values` override, None removes."""
        moment = int(time.time())
        base: Json = {
            "iss": self.row.issuer,
            "aud": self.row.client_id,
            "sub": "5",
            "nonce": nonce,
            "iat": moment,
            "exp": moment + 60,
            claim.MESSAGE_TYPE: "LtiResourceLinkRequest",
            claim.VERSION: "1.3.0",
            claim.DEPLOYMENT_ID: self.deployment.deployment_id,
            claim.TARGET_LINK_URI: f"{BASE_URL}/lti/launch",
            claim.RESOURCE_LINK: {"id": "1", "title": "Module 1"},
            claim.ROLES: ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
            claim.CONTEXT: {"id": "2", "title": "Parcours RRUPN", "type": ["CourseSection"]},
            "name": "Zoé N'Guessan",
            "given_name": "Zoé",
            "family_name": "N'Guessan",
            "email": "zoe.nguessan@ac-exemple.fr",
        }
        base.update(values)
        return base

    def sign(self, claims: Json, **header: Any) -> str:
        return jwt.encode(claims, private_key(), algorithm="RS256", headers={"kid": KID, **header})

    def launch(self, client: FlaskClient, **values: Any) -> TestResponse:
        """A whole good launch: login, then the signed answer."""
        begun = self.begin(client)
        return self.answer(begun, self.claims(begun.nonce, **values))

    def answer(self, begun: Begun, claims: Json) -> TestResponse:
        """The platform's form_post for this login."""
        return begun.client.post(
            "/lti/launch", data={"id_token": self.sign(claims), "state": begun.state}
        )
