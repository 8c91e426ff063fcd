"""What Relais does with personal data, for a DataPrivacyLaunchRequest."""

from werkzeug.wrappers import Response

from lti_app.lti.rules import explanations
from lti_app.lti.rules.claims import ClaimError, DataPrivacyRequest


def show_privacy(message: DataPrivacyRequest) -> Response:
    """The page on personal data."""
    raise ClaimError(explanations.MESSAGE, f"privacy launch of {message.client_id}")
