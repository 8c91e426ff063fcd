"""The path, a module, a lesson."""

from http import HTTPStatus

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_app.content.models import SubjectKind
from lti_app.content.rules.catalog import Lesson, Module
from lti_app.core.database import db
from lti_app.practice.routes.blueprint import COURSE, blueprint, commit_and_send, enter, render
from lti_app.practice.routes.withdrawn import withdrawn_page
from lti_app.practice.rules import part_read
from lti_app.practice.services import (
    Read,
    record_reading,
    show_lesson,
    show_module,
    show_path,
    waiting_draft,
)


@blueprint.get(COURSE)
def path(course_id: int) -> ResponseReturnValue:
    """The modules of the session and what is due."""
    visit = enter(course_id)
    waiting = waiting_draft(db.session, visit)
    return render("path", visit, page=show_path(db.session, visit), waiting=waiting)


@blueprint.get(COURSE + "module/<module_id>/")
def module(course_id: int, module_id: str) -> ResponseReturnValue:
    """A module: lessons, score, what is left."""
    visit = enter(course_id)
    if gone := withdrawn_page(visit, SubjectKind.MODULE, module_id):
        return gone
    page = show_module(db.session, visit, module_id)
    return render("module", visit, page=page, waiting=waiting_draft(db.session, visit))


@blueprint.get(COURSE + "etape/<lesson_id>/")
def lesson(course_id: int, lesson_id: str) -> ResponseReturnValue:
    """One part of a lesson (`?partie=n`), or all of it (`?tout=1`)."""
    visit = enter(course_id)
    if gone := withdrawn_page(visit, SubjectKind.LESSON, lesson_id):
        return gone
    page = show_lesson(
        db.session,
        visit,
        lesson_id,
        part=request.args.get("partie"),
        whole=request.args.get("tout") == "1",
    )
    return render("lesson", visit, page=page)


@blueprint.post(COURSE + "etape/<lesson_id>/")
def read_lesson(course_id: int, lesson_id: str) -> ResponseReturnValue:
    """« Continuer »: the part is read; then the next part, or the first question to answer."""
    visit = enter(course_id)
    if gone := withdrawn_page(visit, SubjectKind.LESSON, lesson_id):
        return gone
    module, lesson = visit.lesson(lesson_id)
    part = part_read(request.form.get("partie"), count=len(lesson.parts))
    revision_id = request.form.get("revision", type=int)
    read = record_reading(db.session, visit, module, lesson, part=part, revision_id=revision_id)
    commit_and_send(read.owed)
    return redirect(_after_part(course_id, module, lesson, part, read), code=HTTPStatus.SEE_OTHER)


def _after_part(course_id: int, module: Module, lesson: Lesson, part: int, read: Read) -> str:
    if part < len(lesson.parts):
        return url_for("practice.lesson", course_id=course_id, lesson_id=lesson.id, partie=part + 1)
    # Completing is announced at once, even where questions of the lesson remain to be met.
    if read.completes or read.question_id is None:
        return url_for(
            "practice.module",
            course_id=course_id,
            module_id=module.id,
            termine=1 if read.completes else None,
        )
    return url_for("practice.question", course_id=course_id, question_id=read.question_id)
