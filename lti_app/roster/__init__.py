"""The roster of each course, as its LMS gives it (NRPS): read at night and on demand."""

from flask import Flask

from lti_app.roster import models as models


def init_app(app: Flask) -> None:
    """Nothing to open yet."""
