"""The columns that Relais made are called as their modules are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.content.rules.catalog import Catalog
from lti_app.core.outbound import OutboundSession
from lti_app.grading.queries import made_columns
from lti_app.grading.rules import Problem, label_to_give
from lti_app.grading.services.line_items import column_label, earns_a_score
from lti_app.lti.services.ags_gradebook import LINE_ITEM_SCOPE, Gradebook, GradebookError
from lti_app.lti.services.service_access import (
    GradebookCaller,
    ServiceAccess,
    keep_token,
    prepare_access,
)
from lti_app.lti.services.tokens import TokenError
from lti_app.people.models import LineItemOrigin, ResourceLink

_ENDS = frozenset({Problem.LINE_ITEM_GONE, Problem.NOT_ALLOWED, Problem.REJECTED})
"""Answers that insisting does not change: the label is left as it is until the next title."""


@dataclass(frozen=True, slots=True)
class Renaming:
    """A column to rename, with all that is needed to do it without the database."""

    resource_link_id: int
    line_item_url: str
    given: str | None
    title: str
    access: ServiceAccess


@dataclass(frozen=True, slots=True)
class Renamed:
    """What became of it."""

    caller: GradebookCaller
    problem: Problem | None = None


def due_renames(session: Session, catalog: Catalog) -> list[int]:
    """Links whose column, made by Relais, was given another title than its module has now."""
    return [
        link_id
        for link_id, target, given in made_columns(session)
        if earns_a_score(target, catalog) and column_label(target, catalog) != given
    ]


def prepare_renaming(
    session: Session, *, resource_link_id: int, catalog: Catalog, secret_key: str, now: datetime
) -> Renaming | None:
    """What to ask the LMS; None when there is nothing to rename, or no right to."""
    link = session.get(ResourceLink, resource_link_id, populate_existing=True)
    if (
        link is None
        or link.line_item_origin != LineItemOrigin.CREATED
        or not link.line_item_url
        or LINE_ITEM_SCOPE not in link.ags_scopes
        or not earns_a_score(link.target, catalog)
    ):
        return None
    access = prepare_access(
        session, platform=link.platform, scope=LINE_ITEM_SCOPE, secret_key=secret_key, now=now
    )
    title = column_label(link.target, catalog)
    return Renaming(link.id, link.line_item_url, link.line_item_label, title, access)


def rename_column(
    renaming: Renaming, *, http: OutboundSession, clock: Callable[[], datetime]
) -> Renamed:
    """Read the column, then give it its title, unless somebody gave it one of their own.

    Raises nothing that the platform or the network may cause. Done twice, it changes nothing more.
    """

    def ask(book: Gradebook) -> None:
        item = book.line_item(renaming.line_item_url)
        label = label_to_give(title=renaming.title, given=renaming.given, present=item.label)
        if label is not None:
            book.rename(item, label)

    caller = GradebookCaller(renaming.access, http, clock)
    try:
        caller.call(ask)
    except (GradebookError, TokenError) as error:
        return Renamed(caller, Problem(error.reason))
    return Renamed(caller)


def record_renaming(
    session: Session, *, renaming: Renaming, renamed: Renamed, secret_key: str
) -> None:
    """Write down the title given; a failure that may pass leaves it to be given later."""
    keep_token(session, access=renaming.access, caller=renamed.caller, secret_key=secret_key)
    if renamed.problem is not None and renamed.problem not in _ENDS:
        return
    session.execute(
        sa.update(ResourceLink)
        .where(
            ResourceLink.line_item_origin == LineItemOrigin.CREATED,
            ResourceLink.line_item_url == renaming.line_item_url,
        )
        .values(line_item_label=renaming.title)
        .execution_options(synchronize_session=False)
    )
