"""The form of a question: what was served is sealed in it, so that it can be trusted back."""

import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from flask_wtf import FlaskForm
from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer
from wtforms import HiddenField, StringField

from lti_app.answers.models import Occasion
from lti_app.core.settings import current_settings
from lti_app.scheduling.ratings import Confidence

ENLARGE_SECONDS = 12 * 3600
"""As long as the session of the frame it continues."""

# No word here has a gender, unlike « sûr » or « certaine ».
CONFIDENCE_WORDS = {
    Confidence.GUESS: "au hasard",
    Confidence.HESITANT: "en hésitant",
    Confidence.SURE: "avec certitude",
}


@dataclass(frozen=True, slots=True)
class Served:
    """One showing of a question. `key` makes two posts of one showing the same answer.

    `revision_id`: what was read, for a page left open while the question was edited. `at`:
    milliseconds since the epoch.
    """

    person_id: int
    course_id: int
    question_id: str
    revision_id: int
    occasion: Occasion
    key: str
    at: int

    @property
    def order_seed(self) -> str:
        """Options are shown in the order drawn from it, on the question and on its feedback."""
        return self.key

    @property
    def begun_at(self) -> datetime:
        return datetime.fromtimestamp(self.at / 1000, UTC)

    def milliseconds_until(self, now: datetime) -> int:
        return int(now.timestamp() * 1000) - self.at


def serve(
    *,
    person_id: int,
    course_id: int,
    question_id: str,
    revision_id: int,
    occasion: Occasion,
    now: datetime,
) -> Served:
    """A new showing, with a key of its own."""
    return Served(
        person_id=person_id,
        course_id=course_id,
        question_id=question_id,
        revision_id=revision_id,
        occasion=occasion,
        key=secrets.token_urlsafe(16),
        at=int(now.timestamp() * 1000),
    )


def seal(served: Served) -> str:
    """Signed, not secret: it says nothing of the right answer."""
    return _question_signer().dumps(asdict(served))


def unseal(token: str) -> Served | None:
    """What was served; None for a token that this service did not make."""
    try:
        values = _question_signer().loads(token)
        return Served(**{**values, "occasion": Occasion(values["occasion"])})
    except (BadSignature, TypeError, KeyError, ValueError):
        return None


class AnswerForm(FlaskForm):  # type: ignore[misc]
    """The fields common to every kind of question; the response itself is read by answers.rules."""

    token = HiddenField()
    confidence = StringField()

    @property
    def confidence_options(self) -> list[dict[str, object]]:
        """As the macro `choice_line` wants them."""
        return [
            {"id": value.value, "html": words, "checked": self.confidence.data == value.value}
            for value, words in CONFIDENCE_WORDS.items()
        ]

    @property
    def chosen_confidence(self) -> Confidence | None:
        """None when nothing was said, or something that is not offered: it never matters."""
        value = self.confidence.data
        return Confidence(value) if value in set(Confidence) else None


@dataclass(frozen=True, slots=True)
class Framed:
    """What the session of a frame knows and a tab of its own does not."""

    person_id: int
    return_url: str | None


def seal_frame(framed: Framed) -> str:
    """Lets one's own frame open a tab where its partitioned cookie does not go."""
    return _enlarge_signer().dumps(asdict(framed))


def unseal_frame(token: str) -> Framed | None:
    """What the frame sealed; None when the token is not ours or too old."""
    try:
        return Framed(**_enlarge_signer().loads(token, max_age=ENLARGE_SECONDS))
    except (BadSignature, TypeError):
        return None


def _question_signer() -> URLSafeSerializer:
    return URLSafeSerializer(_secret(), salt="practice.question")


def _enlarge_signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_secret(), salt="practice.enlarge")


def _secret() -> str:
    return current_settings().effective_secret_key
