"""What people do, and how each answer is checked: a fast error page must not count."""

import itertools
import json
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization

from lti_app.core.settings import PROJECT_ROOT
from lti_app.lti.rules import claims as claim
from tests.bench.browser import Answer, Connection, Cookies
from tests.bench.server import BASE_URL
from tests.bench.world import Asked, World

_SAMPLE = PROJECT_ROOT / "tests" / "fixtures" / "moodle" / "launch__student_iframe.json"
_CSRF = re.compile(rb'name="csrf_token" value="([^"]+)"')
_TOKEN = re.compile(rb'name="token" value="([^"]+)"')
_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


class WrongAnswerError(Exception):
    """The server answered something else than what was asked for."""


class NothingLeftError(Exception):
    """The scenario has used up what an earlier one prepared for it."""


@dataclass(frozen=True)
class Ready:
    """A question on the screen of somebody: all that its form will post."""

    path: str
    cookies: Cookies
    fields: list[tuple[str, str]]
    asked: Asked


@dataclass
class Scenarios:
    """Each public method does one thing once and gives the SQL statements it took.

    Safe to call from several threads, each with its own connection. People take turns.
    """

    world: World
    _turn: "itertools.count[int]" = field(default_factory=itertools.count)
    _questions_turn: "itertools.count[int]" = field(default_factory=itertools.count)
    _jars: dict[str, Cookies] = field(default_factory=dict)
    _ready: deque[Ready] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._keys: dict[str, Any] = {
            name: serialization.load_pem_private_key(pem.encode("ascii"), password=None)
            for name, pem in self.world.keys.items()
        }
        self._claims = json.loads(_SAMPLE.read_text(encoding="utf-8"))["claims"]
        course = f"/session/{self.world.course_id}"
        self._path = f"{course}/"
        self._module = f"{course}/module/{self.world.module_id}/"
        self._report = f"/suivi/{self.world.course_id}/"

    def by_name(self, name: str) -> Callable[[Connection], int]:
        """The scenario of that name, as in NAMES."""
        return {
            "launch RS256": lambda connection: self._launch_next(connection, "RS256"),
            "launch ES256": lambda connection: self._launch_next(connection, "ES256"),
            "question page": self.question_page,
            "answer + next": self.answer_and_next,
            "path page": self.path_page,
            "module page": self.module_page,
            "lesson page": self.lesson_page,
            "trainer's page": self.trainer_page,
            "CSV export": self.csv_export,
        }[name]

    def _launch_next(self, connection: Connection, algorithm: str) -> int:
        _, sub, name = self._person()
        return self._launch(connection, sub, name, "Learner", algorithm)

    def sign_in(self, connection: Connection, turn: int, of: int) -> None:
        """Launch the trainer and one in `of` of the people who have not yet; not a measure.

        The other scenarios may then begin in any order.
        """
        everybody = [(sub, name, "Learner") for _, sub, name in self.world.people]
        everybody.append((self.world.trainer_sub, None, "Instructor"))
        for sub, name, role in everybody[turn::of]:
            if sub not in self._jars:
                self._launch(connection, sub, name, role, "ES256")

    def question_page(self, connection: Connection) -> int:
        """A question that this person has not answered today; kept for `answer_and_next`."""
        number = next(self._questions_turn)
        people, questions = len(self.world.people), len(self.world.questions)
        # Everybody gets the first question, then everybody the second: never twice the same.
        asked = self.world.questions[number // people % questions]
        _, sub, _ = self.world.people[number % people]
        cookies = self._jars[sub]
        path = f"{self._path}question/{asked.id}/"
        answer = _page(connection.get(path, cookies), "Valider", "Vous répondez")
        csrf, token = _found(_CSRF, answer.body), _found(_TOKEN, answer.body)
        self._ready.append(Ready(path, cookies, [("csrf_token", csrf), ("token", token)], asked))
        return answer.statements

    def answer_and_next(self, connection: Connection) -> int:
        """POST an answer (four in five are right), GET the page it leads to."""
        try:
            ready = self._ready.popleft()
        except IndexError:
            raise NothingLeftError from None
        is_right = next(self._turn) % 5 > 0
        filled = ready.asked.right if is_right else ready.asked.wrong
        posted = connection.post(ready.path, ready.cookies, [*ready.fields, *filled])
        feedback = _redirect(posted, f"{self._path}reponse/")
        verdict = "C’est juste" if is_right else "Ce n’est pas la bonne réponse"
        page = _page(connection.get(feedback, ready.cookies), verdict, "Question ")
        return posted.statements + page.statements

    def path_page(self, connection: Connection) -> int:
        """The modules of the session and what is due."""
        return self._learner_page(connection, self._path, self.world.module_title, "Réviser")

    def module_page(self, connection: Connection) -> int:
        """A module: lessons, score, what is left."""
        return self._learner_page(connection, self._module, "Où vous en êtes", "Étapes lues")

    def lesson_page(self, connection: Connection) -> int:
        """One part of a lesson."""
        number = next(self._questions_turn)
        lesson_id, parts = self.world.lessons[number % len(self.world.lessons)]
        path = f"{self._path}etape/{lesson_id}/?partie={number % parts + 1}"
        return self._learner_page(connection, path, "Dans cette étape")

    def trainer_page(self, connection: Connection) -> int:
        """Every referent of the session, those who left included."""
        cookies = self._jars[self.world.trainer_sub]
        answer = connection.get(f"{self._report}?inscription=tous", cookies)
        _page(answer, "Suivi des référents", "Passer le tableau")
        self._require_all(answer.body.count(b'<a href="referent/'))
        return answer.statements

    def csv_export(self, connection: Connection) -> int:
        """The same rows, for a spreadsheet."""
        cookies = self._jars[self.world.trainer_sub]
        answer = connection.get(f"{self._report}export.csv?inscription=tous", cookies)
        if answer.status != 200 or not answer.body.startswith("\ufeffRéférent;".encode()):
            raise WrongAnswerError(f"export: {answer.status}")
        self._require_all(answer.body.count(b"\r\n") - 1)
        return answer.statements

    def _require_all(self, shown: int) -> None:
        if shown != len(self.world.people):
            raise WrongAnswerError(f"{shown} referents shown")

    def _person(self) -> tuple[int, str, str | None]:
        return self.world.people[next(self._turn) % len(self.world.people)]

    def _learner_page(self, connection: Connection, path: str, *expected: str) -> int:
        _, sub, _ = self._person()
        return _page(connection.get(path, self._jars[sub]), *expected).statements

    def _launch(
        self, connection: Connection, sub: str, name: str | None, role: str, algorithm: str
    ) -> int:
        """Login, signed answer of the platform, landing page."""
        cookies = Cookies()
        begun = connection.post("/lti/login", cookies, self._login_fields(sub))
        query = parse_qs(urlsplit(_redirect(begun, self.world.issuer, status=302)).query)
        token = self._id_token(sub, name, role, query["nonce"][0], algorithm)
        launched = connection.post(
            "/lti/launch", cookies, [("id_token", token), ("state", query["state"][0])]
        )
        expected = self._report if role == "Instructor" else self._module
        landing = connection.get(_redirect(launched, expected), cookies)
        _page(landing, escape(self.world.course_title), escape(name or ""))
        self._jars[sub] = cookies
        return begun.statements + launched.statements + landing.statements

    def _login_fields(self, sub: str) -> list[tuple[str, str]]:
        return [
            ("iss", self.world.issuer),
            ("target_link_uri", f"{BASE_URL}/lti/launch"),
            ("login_hint", sub),
            ("lti_message_hint", '{"cmid":2,"launchid":"ltilaunch1_29073181"}'),
            ("client_id", self.world.client_id),
            ("lti_deployment_id", "1"),
        ]

    def _id_token(self, sub: str, name: str | None, role: str, nonce: str, algorithm: str) -> str:
        """The claims of a real Moodle, about somebody of this course."""
        world, moment = self.world, int(time.time())
        line_items = f"{world.issuer}/lineitems/{world.context_id}"
        claims = {
            **self._claims,
            "iss": world.issuer,
            "aud": world.client_id,
            "sub": sub,
            "nonce": nonce,
            "iat": moment,
            "exp": moment + 60,
            "name": name,
            "email": f"{sub}@ac-exemple.fr",
            claim.DEPLOYMENT_ID: "1",
            claim.TARGET_LINK_URI: f"{BASE_URL}/lti/launch",
            claim.RESOURCE_LINK: {"id": world.module_id, "title": world.module_title},
            claim.ROLES: [_ROLE + role],
            claim.LIS: {"person_sourcedid": f"UID-{sub}"},
            claim.CONTEXT: {"id": world.context_id, "title": world.course_title},
            claim.CUSTOM: {**self._claims[claim.CUSTOM], "module": world.module_id},
            claim.AGS: {
                **self._claims[claim.AGS],
                "lineitems": line_items,
                "lineitem": f"{line_items}/{world.module_id}",
            },
        }
        for personal in ("given_name", "family_name"):
            del claims[personal]
        if name is None:
            del claims["name"]
        return jwt.encode(
            claims, self._keys[algorithm], algorithm=algorithm, headers={"kid": algorithm}
        )


def _redirect(answer: Answer, expected: str, status: int = 303) -> str:
    if answer.status != status or not answer.location.startswith(expected):
        raise WrongAnswerError(f"{answer.status} {answer.location[:80]} {_excerpt(answer)}")
    return answer.location.partition("#")[0]


def _page(answer: Answer, *expected: str) -> Answer:
    if answer.status != 200:
        raise WrongAnswerError(f"{answer.status} {_excerpt(answer)}")
    for text in expected:
        if text.encode() not in answer.body:
            raise WrongAnswerError(f"« {text} » is not on the page")
    return answer


def _excerpt(answer: Answer) -> str:
    found = re.search(rb"<h1[^>]*>([^<]*)", answer.body)
    return found[1].decode() if found else ""


def _found(pattern: re.Pattern[bytes], body: bytes) -> str:
    found = pattern.search(body)
    if found is None:
        raise WrongAnswerError(f"{pattern.pattern!r} is not on the page")
    return unescape(found[1].decode())
