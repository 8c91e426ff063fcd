"""The trainer's pages: where every referent of a session stands, and the same as a spreadsheet.

Trainers see completion, scores and the fate of grades; never which option a named person chose.
"""

from flask import Flask

from lti_app.reports.routes import blueprint


def init_app(app: Flask) -> None:
    """Open /suivi/…."""
    app.register_blueprint(blueprint)
