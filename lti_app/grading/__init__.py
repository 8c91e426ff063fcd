"""The outbox towards the LMS gradebook: a score that is owed is kept until the LMS has it."""

from datetime import timedelta

from flask import Flask

from lti_app.core.background import every
from lti_app.grading.tasks import read_stale_results, rename_columns, resend_owed

RESENT_EVERY = timedelta(minutes=1)
RESULTS_LOOKED_AT_EVERY = timedelta(minutes=15)
"""By night only; each activity once a night."""
COLUMNS_RENAMED_EVERY = timedelta(hours=1)


def init_app(app: Flask) -> None:
    """Have what is still owed looked for every minute: no broker needs to remember it."""
    every(app, "resend-owed-grades", resend_owed.name, RESENT_EVERY)
    every(app, "read-stale-results", read_stale_results.name, RESULTS_LOOKED_AT_EVERY)
    every(app, "rename-columns", rename_columns.name, COLUMNS_RENAMED_EVERY)
