"""What the roster room does: ask for a reading, lease it, store it slice by slice, close it."""

from lti_app.roster.services.closing import Tally, close_reading, record_failure
from lti_app.roster.services.leasing import (
    ASKED_EVERY,
    Asked,
    Reading,
    ask_for_reading,
    lease_reading,
)
from lti_app.roster.services.storing import store_slice

__all__ = [
    "ASKED_EVERY",
    "Asked",
    "Reading",
    "Tally",
    "ask_for_reading",
    "close_reading",
    "lease_reading",
    "record_failure",
    "store_slice",
]
