"""The inspector finds what it is there to find."""

import pytest
from playwright.sync_api import BrowserContext

from tests.journeys.browser.inspection import Inspector

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

STYLE = """<style>
    body { background: #fff; color: #000; }
    a, button { display: inline-block; min-height: 30px; min-width: 30px; }
    :focus-visible { outline: 3px solid #00f; }
</style>"""


def page_of(body: str, *, lang: str = "fr", title: str = "Page") -> str:
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><title>{title}</title>{STYLE}</head>'
        f"<body><main><h1>Titre</h1>{body}</main></body></html>"
    )


GOOD = page_of('<p><a href="#x">Aller</a> <button type="button">Faire</button></p><p id="x">X</p>')

FAULTS = {
    "scrolls sideways": page_of("<style>p { width: 900px }</style><p>Large</p>"),
    "target of": page_of(
        "<style>button { height: 12px; min-height: 0; padding: 0 }</style><button>Petit</button>"
    ),
    "focus is not seen": page_of(
        "<style>:focus-visible { outline: none }</style><button>Faire</button>"
    ),
    "hidden while it has the focus": page_of(
        "<style>p { background: #fff; inset: 0; position: fixed }</style>"
        "<button>Dessous</button><p>Dessus</p>"
    ),
    "2 h1": page_of("<h1>Un autre</h1>"),
    "lang is not fr": page_of("", lang="en"),
    "no title": page_of("", title=""),
    "ids used twice": page_of('<p id="x">A</p><p id="x">B</p>'),
    "axe color-contrast": page_of("<p><span style='color:#ccc'>Pâle</span></p>"),
    "axe image-alt": page_of("<img src='data:,'>"),
    "asks third.invalid": page_of("<img alt='' src='http://third.invalid/pixel'>"),
    "console error": page_of("<script>console.error('aïe')</script>"),
    "script: ": page_of("<script>throw new Error('aïe')</script>"),
}


def test_a_good_page_has_no_problem(context: BrowserContext) -> None:
    page = context.new_page()
    inspector = Inspector(context)
    page.set_content(GOOD)
    inspector.look("good", page)
    inspector.conclude()


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(context: BrowserContext, fault: str) -> None:
    page = context.new_page()
    inspector = Inspector(context)
    page.set_content(FAULTS[fault])
    inspector.look("faulty", page)
    assert any(fault in problem for problem in inspector.problems), inspector.problems
