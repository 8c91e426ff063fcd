"""The house itself: documented settings, used templates, no address of this machine anywhere."""

import re
import subprocess
from pathlib import Path

import pytest

from lti_app.content.services import log_content
from lti_app.core.settings import PROJECT_ROOT, Settings
from tests import error_codes

TEMPLATES = sorted(PROJECT_ROOT.glob("lti_app/*/templates/**/*.html"))


def tracked(*patterns: str) -> list[Path]:
    """Files git knows, or would know."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=PROJECT_ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = (PROJECT_ROOT / name for name in listed.stdout.splitlines())
    return [path for path in paths if path.is_file()]


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    text = (PROJECT_ROOT / "docs" / "reglages.md").read_text(encoding="utf-8")
    assert f"`RELAIS_{name.upper()}`" in text


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_template_is_used(template: Path) -> None:
    name = template.relative_to(next(p for p in template.parents if p.name == "templates"))
    # A page may also be named without its extension, by the helper that adds the room.
    wanted = re.compile(rf"['\"]({re.escape(str(name))}|{re.escape(name.stem)})['\"]")
    sources = [*PROJECT_ROOT.glob("lti_app/**/*.py"), *(t for t in TEMPLATES if t != template)]
    assert any(wanted.search(path.read_text(encoding="utf-8")) for path in sources)


def test_no_registry_address_and_no_machine_path() -> None:
    forbidden = re.compile(
        r"(pypi\.org|files\.pythonhosted|registry\.npmjs|deb\.debian)|/work/main"
    )
    found = [
        str(path)
        for path in tracked()
        if path.suffix not in {".png", ".svg"}
        and path != Path(__file__)
        and forbidden.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_modules_stay_small() -> None:
    long = {
        str(path.relative_to(PROJECT_ROOT)): lines
        for path in PROJECT_ROOT.glob("lti_app/**/*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 320
    }
    assert long == {}


def test_no_raw_markup_escapes_in_templates() -> None:
    """`|safe` is for rendered content only: what an author wrote, cleaned by the renderer."""
    allowed = re.compile(r"_html\s*\|\s*safe|\.html\s*\|\s*safe|\.hidden_tag\(\)")
    for template in TEMPLATES:
        for number, line in enumerate(template.read_text(encoding="utf-8").splitlines(), 1):
            if "|safe" in line.replace(" ", ""):
                assert allowed.search(line), f"{template}:{number}: {line.strip()}"


def test_no_inline_style_or_script_in_templates() -> None:
    for template in TEMPLATES:
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=|\son[a-z]+=|<script>|<style", text), template


def test_requirements_are_hashed_and_name_no_registry() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (PROJECT_ROOT / name).read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "--index-url" not in text


def test_every_code_of_a_screen_is_in_the_guide() -> None:
    written = error_codes.PAGE.read_text(encoding="utf-8")
    assert written == error_codes.page(), "run: python -m tests.error_codes"


def test_every_revision_of_what_is_taught_is_logged() -> None:
    report = log_content(PROJECT_ROOT / "courses", write=False)
    assert not report.written, "run « relais content lock », and commit courses/revisions.lock"
