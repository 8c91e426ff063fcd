"""What a started application leaves to the processes forked from it."""

from pathlib import Path

from lti_app.app import create_app
from lti_app.core.database import db
from lti_app.core.schema import upgrade
from lti_app.core.settings import Environment, Settings


def settings_in(folder: Path) -> Settings:
    return Settings(env=Environment.DEVELOPMENT, instance_path=folder, broker_url="memory://")


def test_no_connection_is_left_for_forked_processes_to_share(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    upgrade(settings.effective_database_url)
    with create_app(settings).app_context():
        assert db.engine.pool.checkedin() == 0  # type: ignore[attr-defined]
