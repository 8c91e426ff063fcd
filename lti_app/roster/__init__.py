"""The roster of each course, as its LMS gives it (NRPS): read at night and on demand.

Whoever the LMS enrols is known before they ever open Relais; whoever it names no more is marked as
left, and kept.
"""

from datetime import timedelta

from flask import Flask

from lti_app.core.background import every
from lti_app.roster.tasks import sync_rosters

LOOKED_AT_EVERY = timedelta(minutes=5)


def init_app(app: Flask) -> None:
    """Have the rosters that are due looked for every five minutes: the database knows which."""
    every(app, "sync-rosters", sync_rosters.name, LOOKED_AT_EVERY)
