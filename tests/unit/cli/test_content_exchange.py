"""relais content export and import, as typed, on the sample and on the real modules."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lti_app.cli import main
from lti_app.content.services import check_content
from lti_app.core.clock import now
from lti_app.core.settings import PROJECT_ROOT
from tests.unit.content.sample import write_courses

Run = Callable[..., tuple[int, str, str]]
SAMPLES = PROJECT_ROOT / "tests" / "unit" / "content" / "exchange" / "samples"


@pytest.fixture
def courses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without any problem, beside which one works."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RELAIS_CONTENT_PATH", raising=False)
    return write_courses(tmp_path / "courses")


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run `relais content …`: exit code, standard output, standard error."""

    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["content", *map(str, arguments)])
        out, err = capfdbinary.readouterr()
        return int(left.value.code or 0), out.decode(errors="replace"), err.decode()

    return call


@pytest.mark.parametrize(
    ("target", "name", "start"),
    [
        ("moodle-xml", "petit.xml", b"<?xml"),
        ("gift", "petit.gift.txt", b"// Export"),
        ("csv", "petit.csv", b"\xef\xbb\xbfmodule;"),
        ("pdf", "petit.pdf", b"%PDF"),
        ("apkg", "petit.apkg", b"PK"),
        ("h5p", "petit.h5p", b"PK"),
    ],
)
def test_each_format_makes_its_file_and_says_what_it_loses(
    run: Run, courses: Path, target: str, name: str, start: bytes
) -> None:
    code, _out, err = run("export", "--courses", courses, "--format", target, "petit")
    assert code == 0
    assert (courses.parent / name).read_bytes().startswith(start)
    assert "Ce que ce format ne garde pas" in err


def test_an_export_goes_where_one_says(run: Run, courses: Path, tmp_path: Path) -> None:
    where = ("export", "--courses", courses, "--format", "gift", "petit", "--output")
    _code, out, _err = run(*where, "-")
    assert out.startswith("// Exporté de Relais en GIFT")
    run(*where, tmp_path / "ici.txt")
    assert (tmp_path / "ici.txt").read_text(encoding="utf-8") == out
    code, _out, err = run(*where, tmp_path / "nulle" / "part.txt")
    assert (code, "écriture impossible" in err, err.count("\n")) == (1, True, 1)


def test_an_unknown_module_is_said(run: Run, courses: Path) -> None:
    code, _out, err = run("export", "--courses", courses, "--format", "csv", "autre")
    assert code == 2
    assert "pas de module autre" in err
    assert "petit" in err


@pytest.mark.parametrize(
    ("name", "old"), [("questions.yaml", "- id: petit-q02"), ("01-un.md", "---")]
)
def test_a_module_with_errors_is_not_exported_in_part(
    run: Run, courses: Path, name: str, old: str
) -> None:
    path = courses / "petit" / name
    path.write_text(path.read_text(encoding="utf-8").replace(old, "-x", 1), encoding="utf-8")
    code, _out, err = run("export", "--courses", courses, "--format", "gift", "petit")
    assert (code, "corrigez d’abord petit" in err) == (1, True)
    assert list(courses.parent.glob("petit.*")) == []


@pytest.mark.parametrize(("written", "read"), [("gift", "moodle-xml"), ("moodle-xml", "gift")])
def test_one_format_taken_for_the_other_is_said(
    run: Run, courses: Path, tmp_path: Path, written: str, read: str
) -> None:
    where = ("--courses", courses)
    file = tmp_path / "banque"
    run("export", *where, "--format", written, "petit", "--output", file)
    code, _out, err = run("import", *where, "--format", read, "--module", "petit", file)
    assert (code, f"--format {written}" in err) == (1, True)


def test_a_real_module_comes_back_as_it_was(run: Run, tmp_path: Path) -> None:
    folder, file = tmp_path / "courses", tmp_path / "memoriser.xml"
    shutil.copytree(PROJECT_ROOT / "courses" / "memoriser", folder / "memoriser")
    shutil.copy(PROJECT_ROOT / "courses" / "references.yaml", folder)
    where = ("--courses", folder, "--format", "moodle-xml")
    before = (folder / "memoriser" / "questions.yaml").read_bytes()
    assert run("export", *where, "memoriser", "--output", file)[0] == 0
    code, _out, err = run("import", *where, "--module", "memoriser", file)
    assert (code, "0\u00a0modifiée, 0\u00a0ajoutée" in err) == (0, True)
    assert (folder / "memoriser" / "questions.yaml").read_bytes() == before


def test_an_edit_made_elsewhere_comes_in(run: Run, courses: Path, tmp_path: Path) -> None:
    file = tmp_path / "petit.xml"
    where = ("--courses", courses, "--format", "moodle-xml")
    run("export", *where, "petit")
    text = file.read_text(encoding="utf-8")
    old, new = _first_option(text), "Une <i>autre</i> réponse"
    file.write_text(text.replace(old, f"<![CDATA[{new}]]>", 1), encoding="utf-8")
    path = courses / "petit" / "questions.yaml"
    before = path.read_text(encoding="utf-8")
    code, out, err = run("import", *where, "--module", "petit", "--dry-run", file)
    assert (code, path.read_text(encoding="utf-8")) == (0, before)
    assert "+      text: Une *autre* réponse" in out
    code, out, err = run("import", *where, "--module", "petit", "--change", "typo", file)
    assert (code, out) == (0, "")
    assert "1\u00a0modifiée, 0\u00a0ajoutée" in err
    after = path.read_text(encoding="utf-8")
    assert "Une *autre* réponse" in after
    assert "change: typo" in after
    assert len(set(after.splitlines()) ^ set(before.splitlines())) <= 5
    assert [p for p in check_content(courses, today=now().date()) if "illisible" in p.message] == []


def _first_option(text: str) -> str:
    after = text.split('<answer fraction="', 1)[1].split("<text>", 1)[1]
    return after.split("</text>", 1)[0]


@pytest.mark.parametrize(
    ("target", "name", "count"),
    [("moodle-xml", "moodle.xml", 5), ("gift", "colleague.gift.txt", 7)],
)
def test_files_of_others_come_in_and_say_what_they_lack(
    run: Run, courses: Path, target: str, name: str, count: int
) -> None:
    where = ("--courses", courses, "--format", target, "--module", "petit", SAMPLES / name)
    code, _out, err = run("import", *where)
    assert (code, "--lesson" in err) == (0, True)
    lesson = next(courses.glob("petit/*.md")).read_text(encoding="utf-8").split("\n")[1][4:]
    code, _out, err = run("import", *where, "--lesson", lesson)
    assert (code, f" {count}\u00a0ajoutées" in err) == (0, True)
    assert "composition" in err
    assert "[À COMPLÉTER]" in err
    _code, _out, again = run("import", *where, "--lesson", lesson)
    assert f"0\u00a0modifiée, 0\u00a0ajoutée, {count}\u00a0inchangées" in again


def test_a_hostile_file_is_one_line(run: Run, courses: Path, tmp_path: Path) -> None:
    file = tmp_path / "x.xml"
    file.write_text('<!DOCTYPE quiz SYSTEM "file:///etc/passwd"><quiz/>', encoding="utf-8")
    code, out, err = run(
        "import", "--courses", courses, "--format", "moodle-xml", "--module", "petit", file
    )
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "DOCTYPE" in err
    code, _out, err = run(
        "import", "--courses", courses, "--format", "gift", "--module", "petit",
        "--lesson", "ailleurs", file,
    )  # fmt: skip
    assert (code, "pas de leçon ailleurs" in err) == (2, True)
