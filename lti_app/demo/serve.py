"""Run the demonstration LMS: `serve` for the command line, `DemoServer` for tests."""

import contextlib
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from urllib.parse import urlsplit

from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from lti_app.demo import seed
from lti_app.demo.app import create_demo_app
from lti_app.demo.platform import Platform
from lti_app.demo.settings import DemoSettings

_log = logging.getLogger("lti_app.demo")


class _DiscreetHandler(WSGIRequestHandler):
    """Logs paths without their query: it holds states, nonces and the visitor's sesskey."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        path = urlsplit(self.path).path
        _log.info("%s %s %s %s", self.command, path, code, size)

    def log_error(self, format: str, *args: object) -> None:
        _log.warning(format, *args)


class DemoServer:
    """The demonstration LMS on a port, in threads of this process."""

    def __init__(
        self,
        settings: DemoSettings,
        *,
        host: str = "127.0.0.1",
        port: int | None = None,
        fill: Callable[[Session, DemoSettings], None] = seed.fill,
    ) -> None:
        """Bind at once; `port` defaults to that of `settings.base_url`.

        Raises OSError when the port is busy.
        """
        self.settings = settings
        wanted = port if port is not None else urlsplit(settings.base_url).port or 80
        self.app = create_demo_app(settings, fill=fill)
        self.platform: Platform = self.app.extensions["demo_platform"]
        try:
            self._server = make_server(
                host, wanted, self.app, threaded=True, request_handler=_DiscreetHandler
            )
        except SystemExit as error:
            # werkzeug prints its own advice and exits when the port is busy.
            raise OSError(f"port {wanted} of {host} is busy") from error
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self._server.block_on_close = False  # type: ignore[attr-defined]
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Answer requests in the background."""
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def run(self) -> None:
        """Answer requests until `stop` is called from elsewhere."""
        self._server.serve_forever(poll_interval=0.1)

    def stop(self) -> None:
        """Stop answering, free held requests and close the database."""
        self.platform.faults.clear()
        self._server.shutdown()
        if self._thread is not None:
            self._thread.join(timeout=5)
        self._server.server_close()
        self.platform.database.dispose()

    def __enter__(self) -> "DemoServer":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def serve(settings: DemoSettings, host: str = "127.0.0.1", port: int = 8001) -> None:
    """Run the demonstration LMS until SIGINT or SIGTERM, then return.

    Raises OSError when the port is busy.
    """
    server = DemoServer(settings, host=host, port=port)
    asked = threading.Event()
    with _signals_set(asked):
        server.start()
        asked.wait()
    server.stop()


@contextlib.contextmanager
def _signals_set(asked: threading.Event) -> Iterator[None]:
    def ask(_signal: int, _frame: FrameType | None) -> None:
        asked.set()

    kept = {name: signal.signal(name, ask) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for name, previous in kept.items():
            signal.signal(name, previous)
