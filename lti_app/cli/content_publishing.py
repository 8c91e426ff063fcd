"""relais content sync: publish the modules of `courses/`."""

from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from lti_app.answers.services import reset_cards
from lti_app.cli.content import print_problems, readable
from lti_app.cli.context import json_option, print_listing, with_app
from lti_app.completion.queries import learners_of
from lti_app.completion.services import refresh_after_edit
from lti_app.content.queries import load_catalog
from lti_app.content.rules.problems import ContentError, errors_among
from lti_app.content.services import SyncReport, sync_content
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.settings import current_settings
from lti_app.grading.services import owe_grades


@click.command()
@json_option
@with_app
def sync(as_json: bool) -> None:
    """Publish the modules. Safe to run again, and from several machines at once."""
    settings = current_settings()
    folder = readable(settings.content_path)
    try:
        report = publish(db.session, folder=folder, now=now())
    except ContentError as error:
        db.session.rollback()
        print_problems(errors_among(error.problems), as_json=as_json)
        raise click.exceptions.Exit(1) from error
    db.session.commit()
    _print_report(report, as_json=as_json)


def publish(session: Session, *, folder: Path, now: datetime) -> SyncReport:
    """Publish the folder, start again the cards of questions whose answer changed, and bring up
    what the edits change in completions and grades (which the periodic task then sends).

    For one transaction, which the caller commits. Raises ContentError.
    """
    before = load_catalog(session).module_ids
    report = sync_content(session, folder=folder, now=now)
    if not report.changed:
        return report
    reset_cards(session, report.restarted_question_ids, now=now)
    catalog = load_catalog(session)
    # A module withdrawn may leave nothing to do in the path to people whose modules did not move.
    shortened = not set(before) <= set(catalog.module_ids)
    for module in catalog.modules:
        moved = refresh_after_edit(session, module=module, now=now)
        for person_id in learners_of(session, module.id) if shortened else moved:
            owe_grades(session, person_id=person_id, catalog=catalog, module_id=module.id, now=now)
    return report


def _print_report(report: SyncReport, *, as_json: bool) -> None:
    row = {
        "release": report.release_id,
        "changed": report.changed,
        "new_revisions": report.new_revisions,
        "removed": report.removed,
        "restarted_questions": list(report.restarted_question_ids),
        "warnings": len(report.warnings),
    }
    print_listing([row], list(row), as_json=as_json)
