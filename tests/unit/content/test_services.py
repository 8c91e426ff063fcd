"""Publishing, on both databases."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lti_app.content.models import (
    ChangeClass,
    ContentRelease,
    ContentState,
    Lesson,
    Question,
    Revision,
)
from lti_app.content.queries import load_catalog
from lti_app.content.services import ContentError, SyncReport, sync_content
from lti_app.core.database import db
from tests.unit.content.sample import edit

NOW = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
MODULE, LESSON, QUESTIONS = "petit/module.yaml", "petit/01-un.md", "petit/questions.yaml"


def sync(session: Session, courses: Path) -> SyncReport:
    """Publish and commit, as the command does."""
    report = sync_content(session, folder=courses, now=NOW)
    session.commit()
    return report


def revise(courses: Path, old: str, new: str, *, change: str, last: int = 1) -> None:
    """Edit the first question and announce it."""
    edit(courses, QUESTIONS, old, new)
    before = f"  revision: {last}\n" if last == 1 else f"  revision: {last}\n  change: typo\n"
    edit(courses, QUESTIONS, before, f"  revision: {last + 1}\n  change: {change}\n")


def count(session: Session, model: type) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_the_first_publication_is_all_there(session: Session, courses: Path) -> None:
    report = sync(session, courses)

    assert (report.new_revisions, report.removed, report.changed) == (8, 0, True)
    assert report.restarted_question_ids == ()
    assert {r.change for r in session.scalars(sa.select(Revision))} == {ChangeClass.FIRST}
    assert load_catalog(session).module_ids == ("petit",)


def test_publishing_again_changes_nothing(session: Session, courses: Path) -> None:
    first = sync(session, courses)
    second = sync(session, courses)

    assert (second.new_revisions, second.changed) == (0, False)
    assert second.release_id == first.release_id
    assert count(session, Revision) == 8
    assert count(session, ContentRelease) == 1


def test_a_new_revision_is_shown_and_the_old_one_kept(session: Session, courses: Path) -> None:
    sync(session, courses)
    before = load_catalog(session).question("petit-q01")

    revise(courses, "Quelle réponse", "Laquelle", change="clarification")
    report = sync(session, courses)

    after = load_catalog(session).question("petit-q01")
    assert report.new_revisions == 1
    assert report.restarted_question_ids == ()
    assert (before.revision, after.revision) == (1, 2)
    assert before.revision_id != after.revision_id
    assert "Laquelle" in after.stem_html
    kept = session.get_one(Revision, before.revision_id)
    assert kept.data["stem"].startswith("Quelle réponse")
    assert session.get_one(Revision, after.revision_id).change == ChangeClass.CLARIFICATION


def test_a_changed_answer_starts_the_question_again(session: Session, courses: Path) -> None:
    sync(session, courses)
    edit(courses, QUESTIONS, "      correct: true\n", "")
    revise(courses, "fausse\n", "fausse\n      correct: true\n", change="answer")

    assert sync(session, courses).restarted_question_ids == ("petit-q01",)
    assert sync(session, courses).restarted_question_ids == ()


@pytest.mark.parametrize("change", ["typo", "clarification"])
def test_a_changed_answer_cannot_pass_for_a_typo(
    session: Session, courses: Path, change: str
) -> None:
    sync(session, courses)
    edit(courses, QUESTIONS, "      correct: true\n", "")
    revise(courses, "fausse\n", "fausse\n      correct: true\n", change=change)

    with pytest.raises(ContentError, match="change: answer"):
        sync(session, courses)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (QUESTIONS, "stem: Associez.", "stem: Reliez."),
        (LESSON, "fini.", "terminé."),
        (MODULE, "Un petit module", "Un module"),
    ],
)
def test_an_edit_without_a_new_revision_is_refused(
    session: Session, courses: Path, name: str, old: str, new: str
) -> None:
    sync(session, courses)
    edit(courses, name, old, new)

    with pytest.raises(ContentError) as refused:
        sync_content(session, folder=courses, now=NOW)
    session.rollback()

    (problem,) = refused.value.problems
    text = (courses / name).read_text(encoding="utf-8").split("\n")
    assert problem.path == courses / name
    assert text[problem.line - 1].strip() == "revision: 1"
    assert "revision: 2" in problem.advice
    assert count(session, Revision) == 8


def test_a_revision_that_went_down_is_refused(session: Session, courses: Path) -> None:
    edit(courses, QUESTIONS, "  revision: 1\n", "  revision: 3\n  change: typo\n")
    sync(session, courses)
    edit(courses, QUESTIONS, "  revision: 3\n  change: typo\n", "  revision: 2\n  change: typo\n")

    with pytest.raises(ContentError, match="déjà publiée"):
        sync(session, courses)


def test_errors_forbid_publishing(session: Session, courses: Path) -> None:
    edit(courses, QUESTIONS, "lesson: petit-un", "lesson: petit-zero")
    with pytest.raises(ContentError):
        sync(session, courses)
    assert count(session, Revision) == 0


def test_a_removed_question_is_kept_and_may_come_back(session: Session, courses: Path) -> None:
    sync(session, courses)
    text = (courses / QUESTIONS).read_text(encoding="utf-8")
    start, end = text.index("- id: petit-q01"), text.index("- id: petit-q02")
    shorter = text[end:].replace("family: choisir", "family: dire", 1)
    shorter = shorter.replace("  revision: 1\n", "  revision: 2\n  change: typo\n", 1)
    (courses / QUESTIONS).write_text(shorter, encoding="utf-8")

    assert sync(session, courses).removed == 1
    assert session.get_one(Question, "petit-q01").state == ContentState.REMOVED
    with pytest.raises(KeyError):
        load_catalog(session).question("petit-q01")

    back = text[start:end].replace("family: choisir", "family: dire")
    back = back.replace("  revision: 1\n", "  revision: 2\n  change: typo\n")
    (courses / QUESTIONS).write_text(back + shorter, encoding="utf-8")
    assert sync(session, courses).removed == 0
    assert load_catalog(session).question("petit-q01").revision == 2


def test_a_mended_reference_is_published_without_revising_lessons(
    session: Session, courses: Path
) -> None:
    sync(session, courses)
    edit(courses, "references.yaml", "title: Apprendre", "title: Apprendre mieux")
    report = sync(session, courses)

    assert (report.new_revisions, report.changed) == (0, True)
    sources = load_catalog(session).lesson("petit-un").sources
    assert "Apprendre mieux" in sources[0].full_html


def test_a_supplement_is_published_without_revising_lessons(session: Session, full: Path) -> None:
    sync(session, full)
    before = load_catalog(session).figure("petit", "petit-oubli").address
    edit(full, "petit/figures/petit-oubli.svg", "Relire", "Relecture")
    report = sync(session, full)

    assert (report.new_revisions, report.changed) == (0, True)
    after = load_catalog(session).figure("petit", "petit-oubli").address
    assert after != before
    assert after in load_catalog(session).lesson("petit-un").parts[-1].html
    assert not sync(session, full).changed


def test_questions_follow_the_order_of_the_file(session: Session, courses: Path) -> None:
    sync(session, courses)
    text = (courses / QUESTIONS).read_text(encoding="utf-8")
    cut = text.index("- id: petit-q05")
    (courses / QUESTIONS).write_text(text[cut:] + text[:cut], encoding="utf-8")
    report = sync(session, courses)

    assert (report.new_revisions, report.changed) == (0, True)
    lesson = load_catalog(session).lesson("petit-un")
    assert lesson.question_ids[:3] == ("petit-q05", "petit-q06", "petit-q01")


def test_a_lesson_renamed_is_another_lesson(session: Session, courses: Path) -> None:
    sync(session, courses)
    for name in (MODULE, LESSON, QUESTIONS):
        path = courses / name
        text = path.read_text(encoding="utf-8").replace("petit-un", "petit-premier")
        margin = {MODULE: "", QUESTIONS: "  "}.get(name)
        if margin is not None:
            text = text.replace("revision: 1", f"revision: 2\n{margin}change: typo")
        path.write_text(text, encoding="utf-8")

    assert sync(session, courses).removed == 1
    assert session.get_one(Lesson, "petit-un").state == ContentState.REMOVED


def test_several_processes_may_publish_at_once(app: Flask, session: Session, courses: Path) -> None:
    reports: list[SyncReport] = []
    failures: list[BaseException] = []
    barrier = threading.Barrier(4)

    def publish() -> None:
        try:
            with app.app_context():
                barrier.wait(timeout=30)
                reports.append(sync(db.session, courses))
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    session.rollback()
    threads = [threading.Thread(target=publish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert failures == []
    assert sorted(report.changed for report in reports) == [False, False, False, True]
    assert len({report.release_id for report in reports}) == 1
    assert count(session, Revision) == 8
