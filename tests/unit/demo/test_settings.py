"""Addresses of the demonstration LMS."""

from pathlib import Path

from lti_app.demo.settings import DemoSettings


def test_the_tool_learns_all_it_must_register() -> None:
    settings = DemoSettings(database_path=Path("x"), base_url="http://lms.localhost:9")
    assert settings.platform_registration() == {
        "issuer": "http://lms.localhost:9",
        "client_id": "relais-demo",
        "auth_url": "http://lms.localhost:9/mod/lti/auth.php",
        "token_url": "http://lms.localhost:9/mod/lti/token.php",
        "jwks_url": "http://lms.localhost:9/mod/lti/certs.php",
        "deployment_ids": ["1", "3"],
    }
    assert settings.tool_launch_url == "http://localhost:8000/lti/launch"
