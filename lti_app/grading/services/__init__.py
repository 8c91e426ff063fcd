"""What grading does: owe a score, send it, record what the LMS said, send it again."""

from lti_app.grading.queries import grades_of
from lti_app.grading.services.delivering import Delivery, Sending, deliver
from lti_app.grading.services.owing import (
    owe_grades,
    owe_grades_for_link,
    owe_to_new_line_item,
    resend,
)
from lti_app.grading.services.sending import lease_grade, record_delivery, spare_platform

__all__ = [
    "Delivery",
    "Sending",
    "deliver",
    "grades_of",
    "lease_grade",
    "owe_grades",
    "owe_grades_for_link",
    "owe_to_new_line_item",
    "record_delivery",
    "resend",
    "spare_platform",
]
