"""relais content preview: the modules as learners see them, while they are written."""

import socket
import tempfile
from pathlib import Path

import click
from werkzeug.serving import WSGIRequestHandler, make_server

from lti_app.content.rules.source import MODULE_FILE
from lti_app.core.settings import Settings
from lti_app.preview.app import create_preview

_HOST = "127.0.0.1"


@click.command()
@click.argument(
    "path",
    type=click.Path(exists=True, file_okay=False, readable=True, path_type=Path),
    envvar="RELAIS_CONTENT_PATH",
    default=lambda: Settings.model_fields["content_path"].default,
)
@click.option("--port", type=click.IntRange(1, 65535), default=8010, show_default=True)
def preview(path: Path, port: int) -> None:
    """Show the modules of PATH (or one module) as learners see them, until Ctrl-C.

    Every page loads again when a file is saved. Needs no LMS, no database; nothing is kept.
    """
    folder = path.resolve().parent if (path / MODULE_FILE).exists() else path.resolve()
    _require_free(port)
    with tempfile.TemporaryDirectory(prefix="relais-apercu-") as scratch:
        app = create_preview(folder, scratch=Path(scratch), port=port)
        server = make_server(_HOST, port, app, threaded=True, request_handler=_Quiet)
        click.echo(f"\n  Aperçu   http://{_HOST}:{port}/\n  Arrêter  Ctrl-C\n")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("relais: stopped", err=True)
        finally:
            server.server_close()


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: open pages ask every second."""


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise click.ClickException(
                f"le port {port} est pris : libérez-le, ou choisissez-en un autre (--port N)"
            ) from error
