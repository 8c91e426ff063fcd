"""One Relais under gunicorn: its folder, its database, its broker, its processes."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import SecretStr

from lti_app.core.settings import PROJECT_ROOT, Environment, Settings

BASE_URL = "https://relais.example.org"
HOST = "127.0.0.1"
DATABASES = ("sqlite", "postgresql")
_SECRET_KEY = "a secret of the benchmark, long enough for production"
_START_SECONDS = 60


@dataclass(frozen=True)
class Gunicorn:
    """How requests are taken: `threads` 1 is one request at a time per worker (class sync)."""

    workers: int = 2
    threads: int = 1

    @property
    def arguments(self) -> list[str]:
        kind = "gthread" if self.threads > 1 else "sync"
        return [
            "--workers", str(self.workers), "--worker-class", kind, "--threads", str(self.threads),
        ]  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a benchmark runs. `settings` are those of production but for the rate limit.

    The generator speaks for a whole reverse proxy on loopback, with its forwarding headers. The
    platform's keys are in the database already, as they are for all launches of a day but one.
    """

    database: str
    folder: Path
    settings: Settings
    database_folder: Path | None = None
    broker: "subprocess.Popen[bytes] | None" = None

    @property
    def environment(self) -> dict[str, str]:
        values = self.settings.model_dump(
            include={"env", "base_url", "instance_path", "database_url", "broker_url"}
        )
        values |= {"secret_key": _SECRET_KEY, "login_rate_limit": self.settings.login_rate_limit}
        clean = {k: v for k, v in os.environ.items() if not k.startswith("RELAIS_")}
        return clean | {f"RELAIS_{name.upper()}": str(value) for name, value in values.items()}


@contextmanager
def open_place(database: str) -> Iterator[Place]:
    """An empty database of that kind, with its broker.

    Beside SQLite folders, as `make run` has them; beside PostgreSQL Redis, as in production.
    """
    with tempfile.TemporaryDirectory(prefix="relais-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        place = Place(database, folder, _settings(folder))
        if database == "sqlite":
            yield place
            return
        with _postgresql() as (url, database_folder), _redis(folder) as (broker_url, process):
            settings = _settings(folder, database_url=url, broker_url=broker_url)
            yield replace(place, settings=settings, database_folder=database_folder, broker=process)


def _settings(folder: Path, **values: str) -> Settings:
    return Settings(
        env=Environment.PRODUCTION,
        base_url=BASE_URL,
        secret_key=SecretStr(_SECRET_KEY),
        instance_path=folder / "instance",
        login_rate_limit="1000000 per minute",
        **values,  # type: ignore[arg-type]
    )


@contextmanager
def _postgresql() -> Iterator[tuple[str, Path]]:
    # pg_ctl refuses socket paths over 107 bytes; the runtime folder is looked for at import.
    folder = Path(tempfile.mkdtemp(prefix="relais-pg-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pgserver

    server = pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield server.get_uri(), folder / "data"
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _redis(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    program = Path(sys.executable).with_name("redis-server")
    path = folder / "redis.sock"
    process = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(path.exists, process, "redis-server")
        yield f"redis+socket://{path}", process
    finally:
        _stop(process)


@contextmanager
def serve(place: Place, gunicorn: Gunicorn) -> Iterator[tuple[int, int]]:
    """Relais answering on loopback: (port, id of gunicorn's master process)."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "--bind", f"{HOST}:{port}", "--log-level", "warning",
        "--backlog", "256", *gunicorn.arguments, "tests.bench.wsgi:create_app()",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=PROJECT_ROOT, env=place.environment)
    try:
        _wait_for(lambda: _answers(port), process, "gunicorn")
        yield port, process.pid
    finally:
        _stop(process)


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), timeout=5) as connection:
        connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
        return connection.recv(64).startswith(b"HTTP/1.1 200")
    return False


def _wait_for(ready: Callable[[], bool], process: "subprocess.Popen[bytes]", name: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"bench: {name} does not start: see its lines above")
        time.sleep(0.05)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
