"""What grading does: owe a score, send it, record what the LMS said, send it again."""

from lti_app.grading.queries import grades_of
from lti_app.grading.services.delivering import Delivery, Sending, deliver
from lti_app.grading.services.finding import Finding, Search, search_gradebook
from lti_app.grading.services.line_items import (
    announce_creation,
    earns_a_score,
    forget_made_column,
    lease_search,
    record_finding,
)
from lti_app.grading.services.owing import (
    owe_grades,
    owe_grades_for_link,
    owe_to_new_line_item,
    resend,
)
from lti_app.grading.services.recording import record_delivery
from lti_app.grading.services.renaming import (
    due_renames,
    prepare_renaming,
    record_renaming,
    rename_column,
)
from lti_app.grading.services.results import begin_reading, read_results, record_results
from lti_app.grading.services.sending import lease_grade, spare_platform

__all__ = [
    "Delivery",
    "Finding",
    "Search",
    "Sending",
    "announce_creation",
    "begin_reading",
    "deliver",
    "due_renames",
    "earns_a_score",
    "forget_made_column",
    "grades_of",
    "lease_grade",
    "lease_search",
    "owe_grades",
    "owe_grades_for_link",
    "owe_to_new_line_item",
    "prepare_renaming",
    "read_results",
    "record_delivery",
    "record_finding",
    "record_renaming",
    "record_results",
    "rename_column",
    "resend",
    "search_gradebook",
    "spare_platform",
]
