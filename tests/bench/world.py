"""The course that is asked for, and what the generator must know of it: one JSON file."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import jwt
import sqlalchemy as sa
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from sqlalchemy.orm import Session

from lti_app.app import create_app
from lti_app.cli.seed import seed_referents
from lti_app.content.queries import load_catalog
from lti_app.content.rules.catalog import Catalog, Question, QuestionKind
from lti_app.content.services import sync_content
from lti_app.core.clock import now
from lti_app.core.database import db, mark_read_only
from lti_app.core.schema import upgrade
from lti_app.lti.models import PlatformKeySet
from lti_app.lti.services.keys import ensure_key
from lti_app.people.models import Course, Enrolment, Identity, Person, Role
from tests.bench.server import Place

ALGORITHMS = ("RS256", "ES256")

Form = list[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """A question with a response that is right and, but for short answers, one that is not."""

    id: str
    right: Form
    wrong: Form


@dataclass(frozen=True)
class World:
    """`people`: (person id, sub, name or None) of each referent; `lessons`: (id, parts)."""

    issuer: str
    client_id: str
    course_id: int
    context_id: str
    course_title: str
    module_id: str
    module_title: str
    people: list[tuple[int, str, str | None]]
    trainer_sub: str
    lessons: list[tuple[str, int]]
    questions: list[Asked]
    keys: dict[str, str]
    """Private keys of the platform (PEM), by algorithm; each is its own `kid`."""

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        values = json.loads(path.read_text(encoding="utf-8"))
        values["questions"] = [Asked(**question) for question in values["questions"]]
        return cls(**values)


def build_world(place: Place, *, referents: int) -> World:
    """Migrate, publish `courses/`, seed the referents and give the platform its keys."""
    place.settings.instance_path.mkdir(parents=True)
    upgrade(place.settings.effective_database_url)
    app = create_app(place.settings)
    with app.app_context():
        mark_read_only(False)
        moment = now()
        sync_content(db.session, folder=place.settings.content_path, now=moment)
        ensure_key(db.session, secret_key=place.settings.effective_secret_key, now=moment)
        catalog = load_catalog(db.session)
        course = seed_referents(
            db.session, referents=referents, schools=200, seed=1, now=moment, catalog=catalog
        )
        keys = {name: _new_key(name) for name in ALGORITHMS}
        db.session.add(
            PlatformKeySet(
                platform_id=course.platform_id,
                keys=[_public_jwk(name, pem) for name, pem in keys.items()],
                fetched_at=moment,
                attempted_at=moment,
            )
        )
        world = _describe(db.session, course, catalog, keys)
        db.session.commit()
        _analyse(db.session)
        db.session.close()
        db.engine.dispose()
    return world


def _analyse(session: Session) -> None:
    """Let the database know its tables, as autovacuum has done by the time anybody comes."""
    session.execute(sa.text("ANALYZE"))
    session.commit()


def _describe(session: Session, course: Course, catalog: Catalog, keys: dict[str, str]) -> World:
    rows = session.execute(
        sa.select(Person.id, Identity.sub, Person.name, Enrolment.role)
        .join(Identity, Identity.person_id == Person.id)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.course_id == course.id)
        .order_by(Person.id)
    ).all()
    module = catalog.modules[0]
    return World(
        issuer=course.issuer,
        client_id=course.platform.client_id,
        course_id=course.id,
        context_id=course.context_id,
        course_title=course.title,
        module_id=module.id,
        module_title=module.title,
        people=[(id_, sub, name) for id_, sub, name, role in rows if role == Role.LEARNER],
        trainer_sub=next(sub for _, sub, _, role in rows if role == Role.TRAINER),
        lessons=[(lesson.id, len(lesson.parts)) for lesson in module.lessons],
        questions=[_asked(question) for question in module.questions],
        keys=keys,
    )


def _asked(question: Question) -> Asked:
    right, wrong = _responses(question)
    return Asked(question.id, right, wrong)


def _responses(question: Question) -> tuple[Form, Form]:
    match question.kind:
        case QuestionKind.SHORT:
            return [("text", question.answers[0].text)], [("text", "aucune idée")]
        case QuestionKind.ORDERING:
            ids = [item.id for item in question.items]
            ranks = [str(rank) for rank in range(1, len(ids) + 1)]
            names = [f"position-{id_}" for id_ in ids]
            return _pairs(names, ranks), _pairs(names, ranks[::-1])
        case QuestionKind.MATCHING:
            names = [f"match-{pair.id}" for pair in question.pairs]
            tokens = [pair.right_token for pair in question.pairs]
            return _pairs(names, tokens), _pairs(names, tokens[1:] + tokens[:1])
        case _:
            chosen = [("choice", option.id) for option in question.options if option.correct]
            other = [("choice", option.id) for option in question.options if not option.correct]
            return chosen, other[:1]


def _pairs(names: list[str], values: list[str]) -> Form:
    return list(zip(names, values, strict=True))


def _new_key(algorithm: str) -> str:
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if algorithm == "RS256":
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    else:
        key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode("ascii")


def _public_jwk(algorithm: str, pem: str) -> dict[str, Any]:
    private: Any = serialization.load_pem_private_key(pem.encode("ascii"), password=None)
    kind = jwt.algorithms.RSAAlgorithm if algorithm == "RS256" else jwt.algorithms.ECAlgorithm
    jwk: dict[str, Any] = json.loads(kind.to_jwk(private.public_key()))
    jwk.pop("key_ops", None)
    return {**jwk, "kid": algorithm, "alg": algorithm, "use": "sig"}
