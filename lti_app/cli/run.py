"""relais run: everything on one machine, to try Relais or to develop it."""

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import click
from honcho.manager import Manager

from lti_app.app import create_app
from lti_app.cli.content_publishing import publish
from lti_app.cli.demo import demo_settings, register_demo_lms
from lti_app.content.services import ContentError
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.schema import upgrade
from lti_app.core.settings import Environment, Settings, SettingsError, load_settings
from lti_app.lti.services.keys import ensure_key

_LOOPBACK = "127.0.0.1"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--lms-port", type=click.IntRange(1, 65535), default=8001, show_default=True)
def run(port: int, lms_port: int) -> None:
    """Start web, worker, beat and the demonstration LMS; stop them all on Ctrl-C."""
    # Children inherit these; what the caller chose is kept.
    os.environ.setdefault("RELAIS_ENV", Environment.DEVELOPMENT)
    os.environ.setdefault("RELAIS_BASE_URL", f"http://localhost:{port}")
    try:
        settings = load_settings()
        _require_folder(settings.content_path)
        for wanted in (port, lms_port):
            _require_free(wanted)
        _prepare(settings, lms_port)
    except (SettingsError, ContentError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"\n  Relais                {settings.base_url}\n"
        f"  Demonstration LMS     http://localhost:{lms_port}   <- open this one, sign in,"
        " open an activity\n"
        "  Stop                  Ctrl-C\n"
    )
    sys.stdout.flush()
    _supervise(_commands(port, lms_port))


def _prepare(settings: Settings, lms_port: int) -> None:
    """Migrate, load `courses/`, make a key, register the demonstration LMS."""
    settings.instance_path.mkdir(parents=True, exist_ok=True)
    upgrade(settings.effective_database_url)
    with create_app(settings).app_context():
        publish(db.session, folder=settings.content_path, now=now())
        ensure_key(db.session, secret_key=settings.effective_secret_key, now=now())
        register_demo_lms(db.session, demo_settings(settings, lms_port))
        db.session.commit()


def _require_folder(path: Path) -> None:
    if not os.access(path, os.R_OK | os.X_OK):
        raise SettingsError(f"cannot read the folder {path}: check RELAIS_CONTENT_PATH")


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOOPBACK, port))
        except OSError as error:
            raise SettingsError(
                f"port {port} is busy: stop what uses it, or choose another"
                " (relais run --port N --lms-port M)"
            ) from error


def _commands(port: int, lms_port: int) -> Mapping[str, str]:
    python = sys.executable
    # gunicorn's control socket lies in the home folder: two installations would share it.
    return {
        "web": (
            f"{python} -m gunicorn --bind {_LOOPBACK}:{port} --workers 2 --threads 4"
            " --log-level warning --no-control-socket 'lti_app.app:create_app()'"
        ),
        "worker": (
            f"{python} -m celery --quiet --app lti_app.worker worker --beat --loglevel WARNING"
            " --pool solo --without-mingle --without-gossip"
        ),
        "lms": f"{python} -m lti_app.cli demo lms --port {lms_port}",
    }


def _supervise(commands: Mapping[str, str]) -> None:
    manager = Manager()
    for name, command in commands.items():
        manager.add_process(name, f"exec {command}", env=dict(os.environ))
    manager.loop()
    # 130 and 143: stopped by Ctrl-C or by a supervisor, which is how it is meant to end.
    if manager.returncode not in {0, 130, 143, -2, -15, None}:
        raise click.ClickException("one of the processes stopped: see its lines above")
