"""Small published contents for tests: rows in the database and the catalog that mirrors them."""

from collections.abc import Sequence

from markupsafe import Markup
from sqlalchemy.orm import Session

from lti_app.content import models
from lti_app.content.models import ChangeClass, ContentState, SubjectKind
from lti_app.content.rules import catalog
from tests.factories import NOW

PASS_MARK = 80


def publish_module(
    session: Session,
    module_id: str = "memoriser",
    *,
    questions: Sequence[int] = (3, 2),
    parts: int = 2,
    pass_mark: int = PASS_MARK,
    position: int = 1,
) -> catalog.Module:
    """A module with one lesson per number of `questions`, all single-choice of four options.

    Lessons are « <module>-l1 »…, questions « <module>-l1-q1 »…; option « a » is right.
    """
    revision_id = _revise(session, SubjectKind.MODULE, module_id)
    session.add(
        models.Module(
            id=module_id,
            position=position,
            revision_id=revision_id,
            state=ContentState.PUBLISHED,
        )
    )
    session.flush()
    lessons = [
        _publish_lesson(session, module_id, number, count, parts)
        for number, count in enumerate(questions, start=1)
    ]
    asked = [
        _publish_question(session, module_id, lesson.id, id_, position)
        for lesson in lessons
        for position, id_ in enumerate(lesson.question_ids, start=1)
    ]
    return catalog.Module(
        id=module_id,
        title=f"Module {module_id}",
        summary="",
        objectives=(),
        competences=(),
        keywords=(),
        minutes=10,
        pass_mark=pass_mark,
        lessons=tuple(lessons),
        questions=tuple(asked),
        revision_id=revision_id,
        revision=1,
    )


def catalog_of(*modules: catalog.Module) -> catalog.Catalog:
    return catalog.Catalog(release_id=1, modules=modules)


def _revise(session: Session, kind: SubjectKind, subject_id: str) -> int:
    revision = models.Revision(
        subject_kind=kind,
        subject_id=subject_id,
        number=1,
        change=ChangeClass.FIRST,
        content_hash="0" * 64,
        data={},
        published_at=NOW,
    )
    session.add(revision)
    session.flush()
    return revision.id


def _publish_lesson(
    session: Session, module_id: str, number: int, question_count: int, parts: int
) -> catalog.Lesson:
    lesson_id = f"{module_id}-l{number}"
    revision_id = _revise(session, SubjectKind.LESSON, lesson_id)
    session.add(
        models.Lesson(
            id=lesson_id,
            module_id=module_id,
            position=number,
            revision_id=revision_id,
            state=ContentState.PUBLISHED,
        )
    )
    session.flush()
    return catalog.Lesson(
        id=lesson_id,
        module_id=module_id,
        title=f"Étape {number}",
        summary="",
        minutes=10,
        position=number,
        parts=tuple(
            catalog.Part(title=f"Partie {part}", html=Markup("<p>Texte</p>"), words=100)
            for part in range(1, parts + 1)
        ),
        sources=(),
        question_ids=tuple(f"{lesson_id}-q{index}" for index in range(1, question_count + 1)),
        revision_id=revision_id,
        revision=1,
    )


def _publish_question(
    session: Session, module_id: str, lesson_id: str, question_id: str, position: int
) -> catalog.Question:
    revision_id = _revise(session, SubjectKind.QUESTION, question_id)
    session.add(
        models.Question(
            id=question_id,
            module_id=module_id,
            lesson_id=lesson_id,
            position=position,
            revision_id=revision_id,
            state=ContentState.PUBLISHED,
        )
    )
    session.flush()
    return catalog.Question(
        id=question_id,
        module_id=module_id,
        lesson_id=lesson_id,
        family=question_id,
        kind=catalog.QuestionKind.SINGLE,
        situation=False,
        stem_html=Markup("<p>Question</p>"),
        words=20,
        explanation_html=Markup("<p>Explication</p>"),
        sources=(),
        position=position,
        revision_id=revision_id,
        revision=1,
        options=tuple(
            catalog.Option(option, Markup("Choix"), option == "a", Markup("<p>Retour</p>"))
            for option in ("a", "b", "c", "d")
        ),
    )
