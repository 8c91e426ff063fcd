"""Checking, logging and publishing `courses/`."""

from lti_app.content.rules.problems import ContentError
from lti_app.content.services.checking import LogReport, check_content, log_content
from lti_app.content.services.publishing import SyncReport, sync_content, sync_courses

__all__ = [
    "ContentError",
    "LogReport",
    "SyncReport",
    "check_content",
    "log_content",
    "sync_content",
    "sync_courses",
]
