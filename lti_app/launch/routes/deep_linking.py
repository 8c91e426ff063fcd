"""Choosing contents inside the LMS (LTI Deep Linking 2.0)."""

from werkzeug.wrappers import Response

from lti_app.lti.rules import explanations
from lti_app.lti.rules.claims import ClaimError, DeepLinkingRequest


def offer_contents(message: DeepLinkingRequest, platform_id: int) -> Response:
    """The page where a trainer picks modules, a review session or the whole path."""
    raise ClaimError(explanations.MESSAGE, f"deep linking of {platform_id}: {message.return_url}")
