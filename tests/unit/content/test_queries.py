"""The catalog, and how seldom it is built."""

from datetime import UTC, date, datetime
from pathlib import Path
from time import process_time

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from lti_app.content.models import ContentRelease
from lti_app.content.queries import load_catalog
from lti_app.content.rules.catalog import QuestionKind
from lti_app.content.rules.problems import errors_among
from lti_app.content.services import check_content, sync_content
from lti_app.core.settings import PROJECT_ROOT
from tests.unit.content.sample import FILES, SUPPLEMENTS, edit

NOW = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)


@pytest.fixture
def published(session: Session, courses: Path) -> Session:
    """The sample, published."""
    sync_content(session, folder=courses, now=NOW)
    session.commit()
    return session


def test_nothing_is_published_at_first(session: Session) -> None:
    catalog = load_catalog(session)
    assert (catalog.release_id, catalog.modules) == (0, ())


def test_everything_of_a_question_is_there(published: Session) -> None:
    catalog = load_catalog(published)
    single = catalog.question("petit-q01")
    assert single.kind is QuestionKind.SINGLE
    assert single.situation
    assert [(o.id, o.correct) for o in single.options] == [("a", False), ("b", True), ("c", False)]
    assert single.options[0].html == "Une réponse fausse"
    assert single.options[1].feedback_html.startswith("<p>Oui <a ")
    assert [source.label for source in single.sources] == ["Dehaene, 2018", "Yang et al., 2021"]
    assert single.explanation_html == "<p>Parce que.</p>"
    assert (single.position, single.lesson_id, single.module_id) == (1, "petit-un", "petit")
    assert single.words == 4 + 3 + 2 + 3
    assert [item.id for item in catalog.question("petit-q03").items] == ["a", "b", "c"]
    assert [o.html for o in catalog.question("petit-q05").options] == ["Vrai", "Faux"]
    short = catalog.question("petit-q06")
    assert (short.answers[0].text, short.wrong[0].text) == ("récupération", "relecture")
    assert short.otherwise_html == "<p>Pensez à chercher.</p>"


def test_right_tokens_differ_and_tell_nothing(published: Session) -> None:
    matching = load_catalog(published).question("petit-q04")
    tokens = [pair.right_token for pair in matching.pairs]
    tokens += [distractor.token for distractor in matching.distractors]
    assert len(set(tokens)) == 4
    assert not {"a", "b", "c"} & set(tokens)


def test_a_lesson_has_parts_sources_and_questions(published: Session) -> None:
    lesson = load_catalog(published).lesson("petit-un")
    assert [part.title for part in lesson.parts] == [
        "Premier titre",
        "Deuxième titre",
        "Troisième titre",
        "Quatrième titre",
    ]
    assert lesson.question_ids == tuple(f"petit-q0{n}" for n in range(1, 7))
    assert [source.id for source in lesson.sources] == ["dehaene2018", "yang2021"]
    with pytest.raises(KeyError):
        load_catalog(published).lesson("petit-q01")


def test_what_goes_with_lessons_is_there(session: Session, full: Path) -> None:
    sync_content(session, folder=full, now=NOW)
    catalog = load_catalog(session)
    module, lesson = catalog.module("petit"), catalog.lesson("petit-un")

    assert [term.term for term in catalog.glossary] == [
        "écart",
        "Espacement",
        "récupération en mémoire",
    ]
    assert lesson.terms == catalog.glossary
    assert lesson.objectives == (1, 2, 3)
    assert [belief.id for belief in module.misconceptions] == ["petit-i01"]
    assert module.resources[0].source.url == "https://doi.org/10.1037/bul0000309"
    question = catalog.question("petit-q01")
    assert question.misconceptions == ("petit-i01",)
    assert (question.checked, question.check_by) == (date(2026, 7, 1), date(2026, 9, 1))
    assert question.dated.startswith("Information relue le 1er\u00a0juillet 2026")
    figure = catalog.figure("petit", "petit-oubli")
    assert f'<img src="{figure.address}"' in lesson.parts[-1].html
    assert figure.svg == SUPPLEMENTS["petit/figures/petit-oubli.svg"]
    assert (figure.width, figure.height, figure.sources[0].id) == (640, 240, "yang2021")
    with pytest.raises(KeyError):
        catalog.figure("petit", "petit-autre")
    assert module.kit is not None
    assert (module.kit.outline.minutes, len(module.kit.outline.steps)) == (40, 3)
    assert module.kit.handout.body.html.startswith("<h2>Retenir</h2>\n<p>mot mot")
    assert module.kit.handout.body.markdown.startswith("## Retenir")
    assert [source.id for source in module.kit.sources] == ["dehaene2018", "yang2021"]


def test_a_release_older_than_supplements_is_still_shown(session: Session, full: Path) -> None:
    sync_content(session, folder=full, now=NOW)
    session.execute(sa.update(ContentRelease).values(supplements=None, content_hash="0" * 64))
    catalog = load_catalog(session)
    assert (catalog.glossary, catalog.module("petit").figures) == ((), ())
    assert "barre" not in catalog.lesson("petit-un").parts[-1].html
    assert "l’ecart" in catalog.lesson("petit-un").parts[-1].html


def test_the_catalog_is_built_once_for_a_release(published: Session, courses: Path) -> None:
    first = load_catalog(published)
    statements: list[str] = []
    engine = published.get_bind().engine

    def note(*args: object) -> None:
        statements.append(str(args[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert load_catalog(published) is first
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len([s for s in statements if s.startswith("SELECT")]) == 1

    edit(courses, "references.yaml", "title: Apprendre", "title: Autre")
    sync_content(published, folder=courses, now=NOW)
    published.commit()
    assert load_catalog(published).release_id == first.release_id + 1


def test_a_release_rolled_back_leaves_nothing_behind(published: Session, courses: Path) -> None:
    first = load_catalog(published)
    edit(courses, "references.yaml", "title: Apprendre", "title: Autre")
    sync_content(published, folder=courses, now=NOW)
    assert load_catalog(published) is not first
    published.rollback()
    assert load_catalog(published).release_id == first.release_id
    assert "Autre" not in load_catalog(published).lesson("petit-un").sources[0].full_html


def test_five_modules_are_checked_and_loaded_quickly(session: Session, tmp_path: Path) -> None:
    """40 questions a module. Processor time: other processes do not count."""
    (tmp_path / "references.yaml").write_text(FILES["references.yaml"], encoding="utf-8")
    for number in range(5):
        _write_large_module(tmp_path, number)

    start = process_time()
    assert errors_among(check_content(tmp_path)) == []
    checked = process_time()
    sync_content(session, folder=tmp_path, now=NOW)
    published = process_time()
    catalog = load_catalog(session)
    loaded = process_time()

    assert sum(len(module.questions) for module in catalog.modules) == 200
    assert checked - start < 2
    assert loaded - published < 1


def _write_large_module(folder: Path, number: int) -> None:
    module = f"module{number}"
    (folder / module).mkdir()
    names = [f"{module}-l{lesson}" for lesson in range(7)]
    for index, name in enumerate(names):
        text = FILES["petit/01-un.md"].replace("petit-un", name)
        (folder / module / f"0{index}-lecon.md").write_text(text, encoding="utf-8")
    text = FILES["petit/module.yaml"].replace("id: petit", f"id: {module}")
    text = text.replace("[petit-un]", f"[{', '.join(names)}]").replace("minutes: 10", "minutes: 70")
    (folder / module / "module.yaml").write_text(text, encoding="utf-8")
    questions = [
        FILES["petit/questions.yaml"].replace("petit-un", name).replace("petit-q", f"{name}-q")
        for name in names
    ]
    kept = "".join(questions).split("- id: module")[1:41]
    text = "".join(f"- id: module{question}" for question in kept)
    (folder / module / "questions.yaml").write_text(text, encoding="utf-8")


def test_the_real_modules_can_be_published(session: Session) -> None:
    sync_content(session, folder=PROJECT_ROOT / "courses", now=NOW)
    catalog = load_catalog(session)
    assert "memoriser" in catalog.module_ids
    assert all(lesson.parts for module in catalog.modules for lesson in module.lessons)
    known = {source.id for m in catalog.modules for x in m.lessons for source in x.sources}
    html = "".join(part.html for m in catalog.modules for x in m.lessons for part in x.parts)
    assert set(html.split('href="#source-')[1:]) != set()
    assert {piece.split('"')[0] for piece in html.split('href="#source-')[1:]} <= known
    assert session.scalar(sa.text("select count(*) from question")) == sum(
        len(module.questions) for module in catalog.modules
    )
