"""What formats lose is said in one place, and the documentation says the same."""

import re

import pytest

from lti_app.content.rules.exchange.losses import (
    FORMAT_NAMES,
    LOSSES,
    READING_LOSSES,
    SUFFIXES,
    Format,
    comment_lines,
    table,
)
from lti_app.core.settings import PROJECT_ROOT

_DOCUMENT = (PROJECT_ROOT / "docs" / "echanges.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*Format, "import"])
def test_the_documentation_shows_the_table_of_the_code(name: str) -> None:
    wanted = READING_LOSSES if name == "import" else LOSSES[Format(name)]
    found = re.search(rf"<!-- pertes : {name} -->\n((?:\|.*\n)+)", _DOCUMENT)
    assert found is not None, f"docs/echanges.md: no table « pertes : {name} »"
    assert found[1].strip() == table(wanted), f"docs/echanges.md: paste this\n{table(wanted)}"


def test_every_format_is_named_and_says_what_it_loses() -> None:
    for target in Format:
        first, *lost = comment_lines(target)
        assert FORMAT_NAMES[target] in first
        assert len(lost) == len(LOSSES[target]) > 0
        assert SUFFIXES[target].startswith(".")
