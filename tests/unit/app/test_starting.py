"""What cannot serve does not start, and says why in one line."""

from pathlib import Path
from typing import Any

import pytest

from lti_app.app import CANNOT_START, create_app
from tests.conftest import make_settings


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({}, "relais db upgrade"),
        ({"database_url": "postgresql://u:secret@127.0.0.1:1/x"}, "the database does not answer"),
        ({"instance_path": Path("/proc/nowhere")}, "/proc/nowhere"),
    ],
)
def test_one_line_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], values: dict[str, Any], why: str
) -> None:
    settings = make_settings(tmp_path).model_copy(update=values)

    with pytest.raises(SystemExit) as left:
        create_app(settings)

    said = capsys.readouterr().err
    assert left.value.code == CANNOT_START
    assert why in said
    assert said.count("\n") == 1
    assert "secret" not in said
