import json

import pytest

from lti_app.core.logging import get_logger, init_logging
from lti_app.core.settings import Settings
from tests.conftest import SECRET_KEY


def test_personal_fields_are_blanked(capsys: pytest.CaptureFixture[str]) -> None:
    init_logging(Settings(secret_key=SECRET_KEY, base_url="https://relais.example.org"))
    get_logger().warning("event", email="zoe@ac-exemple.fr", id_token="abc", platform=3)
    written = json.loads(capsys.readouterr().out)
    assert written["platform"] == 3
    assert written["email"] == written["id_token"] == "[…]"
