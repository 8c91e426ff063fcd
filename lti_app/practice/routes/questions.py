"""A question, its answer, its feedback."""

from dataclasses import replace
from http import HTTPStatus

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_app.answers.models import Occasion
from lti_app.answers.queries import answer_by_key, draft_of
from lti_app.answers.rules import IncompleteResponse, InvalidResponse, parse_response
from lti_app.answers.services import answer_key
from lti_app.content.models import SubjectKind
from lti_app.content.queries import is_behind
from lti_app.content.rules.catalog import Question
from lti_app.core.database import db
from lti_app.core.errors import Explanation, RelaisError
from lti_app.practice.forms import AnswerForm, Served, seal, serve, unseal
from lti_app.practice.queries import answer_changed_since
from lti_app.practice.routes.blueprint import COURSE, blueprint, commit_and_send, enter, render
from lti_app.practice.routes.keeping import keep_for
from lti_app.practice.routes.reviewing import kept_review
from lti_app.practice.routes.withdrawn import withdrawn_page
from lti_app.practice.services import (
    Answered,
    NotPublished,
    Visit,
    answer_question,
    show_feedback,
    show_question,
)

CHANGED = (
    "La question a été corrigée depuis que vous l’avez ouverte. Votre réponse n’a pas été"
    " enregistrée\N{NO-BREAK SPACE}: voici la question corrigée."
)
FORM_OF_ANOTHER = Explanation(
    "AUTRE-PERSONNE",
    "Ce formulaire a été ouvert par une autre personne",
    "Quelqu’un d’autre avait ouvert cette question sur cet ordinateur. Rien n’a été enregistré.",
    ("Rouvrez l’activité depuis votre plateforme pour poursuivre votre propre parcours.",),
)
NOT_OURS = (
    "Cette page n’était plus valable. Votre réponse n’a pas été enregistrée\N{NO-BREAK SPACE}:"
    " voici de nouveau la question."
)


@blueprint.get(COURSE + "question/<question_id>/")
def question(course_id: int, question_id: str) -> ResponseReturnValue:
    """A question of a lesson; with `?seance=1`, of the review session of the day."""
    visit = enter(course_id)
    if gone := withdrawn_page(visit, SubjectKind.QUESTION, question_id):
        return gone
    asked = visit.question(question_id)
    wants_review = request.args.get("seance") == "1"
    if wants_review and question_id not in kept_review(visit):
        return redirect(url_for("practice.review", course_id=course_id), code=HTTPStatus.SEE_OTHER)
    if not wants_review:
        visit.module(asked.module_id)
    occasion = Occasion.REVIEW if wants_review else Occasion.LESSON
    return _ask(visit, asked, occasion)


@blueprint.post(COURSE + "question/<question_id>/")
def answer(course_id: int, question_id: str) -> ResponseReturnValue:
    """Record the answer, then lead to its feedback."""
    visit = enter(course_id)
    if is_behind(db.session, visit.catalog, question_id):
        visit = enter(course_id)
    form = AnswerForm()
    if gone := _withdrawn(visit, question_id, form):
        return gone
    asked = visit.question(question_id)
    served = _served(visit, asked, form)
    if served is None:
        visit.module(asked.module_id)
        page = _ask(visit, asked, Occasion.LESSON, form=form, notice=NOT_OURS)
        return page, HTTPStatus.CONFLICT
    if served.occasion is Occasion.LESSON:
        visit.module(asked.module_id)
    if served.revision_id != asked.revision_id:
        given = answer_by_key(db.session, visit.person_id, served.key)
        if given is not None:  # sent twice, and edited in between: the first one was received
            again = Answered(given, created=False, completes=False, owed=())
            return redirect(_feedback_url(course_id, again), code=HTTPStatus.SEE_OTHER)
        if answer_changed_since(db.session, asked.id, served.revision_id):
            page = _ask(visit, asked, served.occasion, form=form, notice=CHANGED)
            return page, HTTPStatus.CONFLICT
        asked = replace(asked, revision_id=served.revision_id)
    return _record(visit, asked, served, form)


@blueprint.get(COURSE + "reponse/<int(max=9223372036854775807):answer_id>/")
def feedback(course_id: int, answer_id: int) -> ResponseReturnValue:
    """Right or wrong, why, and where to go next."""
    visit = enter(course_id)
    try:
        page = show_feedback(db.session, visit, answer_id, review_ids=kept_review(visit))
    except NotPublished as error:
        gone = withdrawn_page(visit, SubjectKind.QUESTION, error.subject_id)
        if gone is None:
            raise
        return gone
    return render(
        "feedback",
        visit,
        page=page,
        already="deja" in request.args,
        completes="termine" in request.args and page.is_complete,
    )


def _withdrawn(visit: Visit, question_id: str, form: AnswerForm) -> ResponseReturnValue | None:
    """The page of a question withdrawn since it was opened; what was filled in is kept."""
    if visit.publishes(SubjectKind.QUESTION, question_id):
        return None
    served = unseal(form.token.data or "")
    own = served is not None and served.person_id == visit.person_id
    kept = served is not None and own and keep_for(served, visit.now)
    gone = withdrawn_page(visit, SubjectKind.QUESTION, question_id, kept=kept)
    db.session.commit()
    return gone


def _served(visit: Visit, asked: Question, form: AnswerForm) -> Served | None:
    """What this very form was made for; None when it was made for something else.

    Raises the explained 409 page for somebody else's form, whose answer is kept for them.
    """
    served = unseal(form.token.data or "")
    if served is not None and served.person_id != visit.person_id:
        raise RelaisError(FORM_OF_ANOTHER, status=HTTPStatus.CONFLICT, detail="another's form")
    expected = (visit.person_id, visit.course_id, asked.id)
    if served is None or (served.person_id, served.course_id, served.question_id) != expected:
        return None
    return served


def _record(visit: Visit, asked: Question, served: Served, form: AnswerForm) -> ResponseReturnValue:
    filled = request.form.to_dict(flat=False)
    try:
        response = parse_response(asked.kind, filled, answer_key(asked))
    except (IncompleteResponse, InvalidResponse) as error:
        current = visit.question(asked.id)
        if served.revision_id != current.revision_id:
            # Such as an option that went with the edit: asked again as it now is.
            page = _ask(visit, current, served.occasion, form=form, notice=CHANGED)
            return page, HTTPStatus.CONFLICT
        page = _ask(visit, asked, served.occasion, form=form, served=served, error=error.message)
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    answered = answer_question(
        db.session,
        visit,
        asked,
        response,
        occasion=served.occasion,
        confidence=form.chosen_confidence,
        milliseconds=served.milliseconds_until(visit.now),
        idempotency_key=served.key,
    )
    location = _feedback_url(visit.course_id, answered)
    commit_and_send(answered.owed)
    return redirect(location, code=HTTPStatus.SEE_OTHER)


def _feedback_url(course_id: int, answered: Answered) -> str:
    return url_for(
        "practice.feedback",
        course_id=course_id,
        answer_id=answered.answer.id,
        deja=None if answered.created else 1,
        termine=1 if answered.completes else None,
        _anchor="retour",
    )


def _ask(
    visit: Visit,
    asked: Question,
    occasion: Occasion,
    *,
    form: AnswerForm | None = None,
    served: Served | None = None,
    error: str | None = None,
    notice: str | None = None,
) -> str:
    """The page of the question; `served` is given again with the form to correct."""
    served = served or serve(
        person_id=visit.person_id,
        course_id=visit.course_id,
        question_id=asked.id,
        revision_id=asked.revision_id,
        occasion=occasion,
        now=visit.now,
    )
    review_ids = kept_review(visit) if occasion is Occasion.REVIEW else None
    draft = None if form else draft_of(db.session, visit.person_id, asked.id)
    filled = request.form.to_dict(flat=False) if form else (draft.fields if draft else None)
    page = show_question(
        db.session,
        visit,
        asked,
        seed=served.order_seed,
        review_ids=review_ids if review_ids and asked.id in review_ids else None,
        filled=filled,
    )
    confidence = next(iter(filled.get("confidence", ())), None) if filled else None
    return render(
        "question",
        visit,
        page=page,
        form=form or AnswerForm(formdata=None, data={"confidence": confidence}),
        token=seal(served),
        error=error,
        notice=notice,
        kept_since=draft.saved_at if draft else None,
    )
