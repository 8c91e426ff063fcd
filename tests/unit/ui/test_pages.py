"""The layout, the error page, the gallery, the static files."""

import re
from pathlib import Path

import html5lib
import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient

import lti_app
from lti_app.app import create_app
from lti_app.core.errors import Explanation
from lti_app.core.settings import Environment
from tests.conftest import make_settings

ROOT = Path(lti_app.__file__).parent
TEMPLATES = sorted(ROOT.glob("*/templates/**/*.html"))


def parse(html: str) -> None:
    html5lib.HTMLParser(strict=True).parse(html)


@pytest.fixture(scope="module")
def development(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    settings = make_settings(
        tmp_path_factory.mktemp("ui"), env=Environment.DEVELOPMENT, base_url="http://localhost:8000"
    )
    return create_app(settings, schema_required=False)


def test_the_gallery_shows_every_component(development: Flask) -> None:
    with development.test_request_context("/ui/galerie"):
        html = render_template("ui/gallery.html")

    parse(html)
    shown = (ROOT / "ui/templates/ui/gallery.html").read_text(encoding="utf-8")
    for path in (ROOT / "ui/templates/ui/macros").glob("*.html"):
        if path.stem not in {"bar", "sprite"}:
            assert f"ui/macros/{path.name}" in shown, f"{path.name} is not in the gallery"


def test_the_gallery_is_not_for_production(client: FlaskClient, development: Flask) -> None:
    assert client.get("/ui/galerie").status_code == 404
    assert "/ui/galerie" in {rule.rule for rule in development.url_map.iter_rules()}


def test_the_error_page_explains(app: Flask) -> None:
    explanation = Explanation("CODE", "Un <titre>", "Un message.", ("Faites ceci.",))
    with app.test_request_context():
        html = render_template("ui/error.html", explanation=explanation, quote="CODE-1A2B")

    parse(html)
    assert "Un &lt;titre&gt;" in html
    assert "<li>Faites ceci.</li>" in html
    assert "<code>CODE-1A2B</code>" in html
    assert "<title>Un &lt;titre&gt; – Relais</title>" in html


def test_an_unknown_address_is_a_french_page(client: FlaskClient) -> None:
    response = client.get("/nulle-part")

    assert response.status_code == 404
    parse(response.text)
    assert "INTROUVABLE-" in response.text


@pytest.mark.parametrize("name", ["relais.css", "practice.css", "relais.js", "relais.svg"])
def test_static_files_are_kept_by_browsers(app: Flask, client: FlaskClient, name: str) -> None:
    with app.test_request_context():
        url = app.url_for("ui.static", filename=f"ui/{name}")

    assert re.search(r"\?v=[0-9a-f]{12}$", url)
    response = client.get(url)
    assert response.status_code == 200
    assert "max-age=2592000" in response.headers["Cache-Control"]


def test_bootstrap_is_served_from_here(client: FlaskClient) -> None:
    page = client.get("/nulle-part").text

    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    address = re.search(r'href="(/bootstrap[^"]+)"', page)
    assert address is not None
    assert client.get(address[1]).status_code == 200


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_hold_nothing_that_the_csp_refuses(path: Path) -> None:
    source = path.read_text(encoding="utf-8")

    assert not re.search(r"\sstyle=", source)
    assert not re.search(r"\son[a-z]+=", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
    assert "<style" not in source


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, 1.4.3."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def theme() -> dict[str, str]:
    css = (ROOT / "ui/static/ui/relais.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--r-([a-z-]+): (#[0-9a-f]{3,6});", css))
    return {
        name: value if len(value) == 7 else "#" + "".join(c * 2 for c in value[1:])
        for name, value in colours.items()
    }


@pytest.mark.parametrize("ground", ["ground", "ground-soft", "primary-soft"])
@pytest.mark.parametrize("ink", ["ink", "ink-soft", "primary", "primary-dark", "danger"])
def test_text_can_be_read(ink: str, ground: str) -> None:
    assert contrast(theme()[ink], theme()[ground]) >= 4.5


@pytest.mark.parametrize("tone", ["success", "info", "warning", "danger"])
def test_tones_can_be_read(tone: str) -> None:
    colours = theme()
    for ink in (tone, "ink", "ink-soft", "primary"):
        assert contrast(colours[ink], colours[f"{tone}-soft"]) >= 4.5


@pytest.mark.parametrize("line", ["line-strong", "focus", "primary"])
def test_controls_can_be_seen(line: str) -> None:
    assert contrast(theme()[line], theme()["ground"]) >= 3


def test_contrast_is_measured_as_wcag_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(
    "path",
    [path for path in TEMPLATES if path.is_relative_to(ROOT / "ui")]
    + [path for path in TEMPLATES if path.is_relative_to(ROOT / "practice")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_french_spaces_do_not_break(path: Path) -> None:
    without_comments = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)

    found = re.findall(
        r".{0,20}(?:« | »|[\w’>] [?!;](?=[<\s]|$)|[\w’>)}] :(?=[\s<])).{0,20}", without_comments
    )
    assert found == []
