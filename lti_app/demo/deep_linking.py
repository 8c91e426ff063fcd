"""Receiving a deep linking answer: verified as Moodle does, then kept until the teacher saves."""

import json
import secrets
import time
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import jwt
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_app.demo.content_items import Draft, read_items
from lti_app.demo.models import Selection
from lti_app.demo.platform import Platform
from lti_app.demo.signin import Visitor
from lti_app.demo.tokens import RefusedTokenRequestError, check_times, verified_claims
from lti_app.demo.tool_keys import ToolKeysUnavailableError
from lti_app.demo.tools import Tool

_LTI = "https://purl.imsglobal.org/spec/lti/claim"
_DEEP = "https://purl.imsglobal.org/spec/lti-dl/claim"
_LIFE_SECONDS = 24 * 3600


class RefusedAnswerError(Exception):
    """The answer of the tool is not accepted; the text says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A verified answer; no draft means that nothing was chosen."""

    drafts: list[Draft]
    nonce: str
    message: str
    error: str


def read_answer(platform: Platform, tool: Tool, token: str) -> Answer:
    """The answer of the tool in the `JWT` field.

    Asks the tool for its keys: not to be called with a transaction open. Raises RefusedAnswerError.
    """
    try:
        claimed = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise RefusedAnswerError("La réponse de l’outil n’est pas un jeton lisible.") from error
    if claimed.get("iss") != tool.client_id:
        raise RefusedAnswerError("La réponse ne vient pas de cet outil (iss).")
    try:
        claims = verified_claims(platform, tool, token)
        zone = ZoneInfo(platform.settings.time_zone)
        check_times(claims, now=time.time(), zone=zone)
    except (RefusedTokenRequestError, ToolKeysUnavailableError) as error:
        raise RefusedAnswerError(f"La réponse de l’outil n’est pas vérifiable : {error}") from error
    if platform.settings.strict_deep_linking:
        _check_strictly(claims, platform, tool)
    try:
        drafts = read_items(claims.get(f"{_DEEP}/content_items") or [], tool_name=tool.name)
    except ValueError as error:
        raise RefusedAnswerError("La réponse de l’outil n’a pas le format attendu.") from error
    return Answer(
        drafts=drafts,
        nonce=str(claims.get("nonce") or ""),
        message=str(claims.get(f"{_DEEP}/msg") or ""),
        error=str(claims.get(f"{_DEEP}/errormsg") or ""),
    )


def _check_strictly(claims: dict[str, Any], platform: Platform, tool: Tool) -> None:
    """What the specification asks and Moodle 4.5 does not check."""
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    wrong = {
        "aud": platform.settings.issuer not in named,
        "exp": not isinstance(claims.get("exp"), int | float),
        "iat": not isinstance(claims.get("iat"), int | float),
        "nonce": not isinstance(claims.get("nonce"), str) or not claims["nonce"],
        "deployment_id": claims.get(f"{_LTI}/deployment_id") != tool.type_id,
        "message_type": claims.get(f"{_LTI}/message_type") != "LtiDeepLinkingResponse",
        "version": claims.get(f"{_LTI}/version") != "1.3.0",
        # We send none: there is nothing to give back.
        "data": f"{_DEEP}/data" in claims,
    }
    faults = [name for name, is_wrong in wrong.items() if is_wrong]
    if faults:
        names = ", ".join(faults)
        raise RefusedAnswerError(f"Réponse refusée par le contrôle strict : {names}.")


def keep_answer(
    session: Session, platform: Platform, *, visitor: Visitor, course_id: int, tool: Tool,
    answer: Answer,
) -> str:  # fmt: skip
    """Remember the answer for this browser session; its id.

    Raises RefusedAnswerError when a strict LMS has seen its nonce.
    """
    now = int(time.time())
    session.execute(delete(Selection).where(Selection.created_at < now - _LIFE_SECONDS))
    if platform.settings.strict_deep_linking:
        seen = select(Selection.id).where(
            Selection.nonce == answer.nonce, Selection.tool_type_id == tool.type_id
        )
        if session.scalar(seen) is not None:
            raise RefusedAnswerError("Réponse refusée par le contrôle strict : nonce déjà vu.")
    selection = Selection(
        id=secrets.token_urlsafe(12),
        session_id=visitor.session_id,
        course_id=course_id,
        tool_type_id=tool.type_id,
        nonce=answer.nonce,
        drafts=json.dumps([each.as_json() for each in answer.drafts]),
        message=answer.message,
        error=answer.error,
        created_at=now,
    )
    session.add(selection)
    session.flush()
    return selection.id


def drafts_of(selection: Selection) -> list[Draft]:
    """What was chosen."""
    return [Draft(**fields) for fields in json.loads(selection.drafts)]
