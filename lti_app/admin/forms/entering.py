"""The sealed token by which an administrator's frame opens administration in a tab."""

from itsdangerous import BadSignature, URLSafeTimedSerializer

from lti_app.admin.rules.sessions import IDLE
from lti_app.core.settings import current_settings


def seal_entry(person_id: int) -> str:
    """Lets this person's own page open a tab where its partitioned cookie does not go."""
    return _signer().dumps(person_id)


def unseal_entry(token: str) -> int | None:
    """Whose page it was; None for a token that is not ours, or older than a session."""
    try:
        person_id = _signer().loads(token, max_age=int(IDLE.total_seconds()))
    except BadSignature:
        return None
    return person_id if isinstance(person_id, int) else None


def _signer() -> URLSafeTimedSerializer:
    secret: str = current_settings().effective_secret_key
    return URLSafeTimedSerializer(secret, salt="admin.entry")
