"""The page of what is no longer taught: an old link, a bookmark or a form says so, in French."""

from dataclasses import dataclass
from http import HTTPStatus

from flask.typing import ResponseReturnValue

from lti_app.completion.queries import completions_of
from lti_app.content.models import SubjectKind
from lti_app.content.queries import find_withdrawn
from lti_app.content.rules.catalog import Module
from lti_app.core.database import db
from lti_app.practice.routes.blueprint import render
from lti_app.practice.services import Visit

_TITLES = {
    SubjectKind.MODULE: "Ce module a été retiré",
    SubjectKind.LESSON: "Cette étape a été retirée",
    SubjectKind.QUESTION: "Cette question a été retirée",
}
_MESSAGES = {
    SubjectKind.MODULE: (
        "Il n’est plus proposé. Vos réponses et votre avancement sont gardés, et une note déjà"
        " transmise à votre plateforme y reste."
    ),
    SubjectKind.LESSON: (
        "Elle ne fait plus partie du module. Votre avancement a été recalculé sans elle, et un"
        " module terminé le reste."
    ),
    SubjectKind.QUESTION: (
        "Elle n’est plus posée et ne compte plus dans le score. Vos réponses sont gardées, et un"
        " module terminé le reste."
    ),
}


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """`module`: where to go on, when it is one of the session. `kept`: a form came with it.

    `attested_module_id`: the module withdrawn, when the person had completed it.
    """

    title: str
    message: str
    module: Module | None
    kept: bool
    attested_module_id: str | None


def withdrawn_page(
    visit: Visit, kind: SubjectKind, subject_id: str, *, kept: bool = False
) -> ResponseReturnValue | None:
    """The page of a subject that was published once and no longer is; None for any other."""
    if visit.publishes(kind, subject_id):
        return None
    found = find_withdrawn(db.session, kind, subject_id)
    if found is None:
        return None
    open_module = visit.has_module(found.module_id)
    attested = kind is SubjectKind.MODULE and _is_attested(visit, subject_id)
    page = render(
        "withdrawn",
        visit,
        withdrawn=Withdrawn(
            title=_TITLES[kind],
            message=_MESSAGES[kind],
            module=visit.catalog.module(found.module_id) if open_module else None,
            kept=kept,
            attested_module_id=subject_id if attested else None,
        ),
    )
    return page, HTTPStatus.GONE


def _is_attested(visit: Visit, module_id: str) -> bool:
    completion = completions_of(db.session, visit.person_id, [module_id]).get(module_id)
    return completion is not None and completion.code is not None
