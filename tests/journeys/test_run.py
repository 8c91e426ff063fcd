"""`relais run`, and what a service that cannot start says: one line, and what to do."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from lti_app.core.settings import PROJECT_ROOT
from tests.journeys.http_browser import Visitor
from tests.journeys.processes import processes_with, wait_until
from tests.journeys.stack import free_port, own_environment

pytestmark = pytest.mark.journey


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of a machine where nobody set anything but the folder."""
    return {**own_environment(), "RELAIS_INSTANCE_PATH": str(tmp_path / "instance")}


def relais(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lti_app.cli", *arguments],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def only_line(done: subprocess.CompletedProcess[str]) -> str:
    """The one line it said before giving up."""
    assert done.returncode != 0
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("relais: ")
    return lines[0]


@pytest.mark.parametrize("option", ["--port", "--lms-port"])
def test_busy_port(environment: dict[str, str], option: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ports = {"--port": str(free_port()), "--lms-port": str(free_port()), option: port}
        done = relais(environment, "run", *(word for pair in ports.items() for word in pair))
    assert f"port {port} is busy" in only_line(done)


def test_unreadable_content(environment: dict[str, str], tmp_path: Path) -> None:
    environment["RELAIS_CONTENT_PATH"] = str(tmp_path / "nowhere")
    assert "RELAIS_CONTENT_PATH" in only_line(relais(environment, "run"))


def test_instance_folder_that_cannot_be_written(environment: dict[str, str]) -> None:
    environment["RELAIS_INSTANCE_PATH"] = "/proc/relais"
    ports = ("--port", str(free_port()), "--lms-port", str(free_port()))
    assert "/proc/relais" in only_line(relais(environment, "run", *ports))


def test_production_without_a_secret(environment: dict[str, str]) -> None:
    environment["RELAIS_ENV"] = "production"
    assert "RELAIS_SECRET_KEY" in only_line(relais(environment, "run"))


def test_web_refuses_a_schema_that_is_behind(environment: dict[str, str]) -> None:
    environment["RELAIS_ENV"] = "development"
    command = [
        sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{free_port()}", "--workers", "1",
        "lti_app.app:create_app()",
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if line.startswith("relais: ")]
    assert len(said) == 1, done.stderr
    assert "relais db upgrade" in said[0]
    assert "Traceback" not in done.stderr


class Running:
    """`relais run` in a session of its own, as in a terminal."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.port, self.lms_port = free_port(), free_port()
        self.tool_url = f"http://localhost:{self.port}"
        self.lms_url = f"http://localhost:{self.lms_port}"
        self._mark = environment["RELAIS_INSTANCE_PATH"]
        self.log = log
        ports = ["--port", str(self.port), "--lms-port", str(self.lms_port)]
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "lti_app.cli", "run", *ports],
                cwd=PROJECT_ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_ready(self) -> None:
        """Until the web, the LMS and the worker are there."""
        wait_until(self._is_ready, what="relais run is ready", timeout=60)

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        addresses = (f"{self.tool_url}/readyz", f"{self.lms_url}/healthz")
        return all(map(_answers, addresses)) and any("celery" in each for each in self.processes())

    def processes(self) -> list[str]:
        """Command lines of all that it started and that lives."""
        return list(processes_with(self._mark).values())

    def end(self) -> None:
        """Whatever the test did, nothing is left."""
        for pid in processes_with(self._mark):
            os.kill(pid, signal.SIGKILL)
        self.process.wait(10)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False


@pytest.fixture
def running(environment: dict[str, str], tmp_path: Path) -> Iterator[Running]:
    running = Running(environment, tmp_path / "run.log")
    try:
        running.wait_ready()
        yield running
    finally:
        running.end()


def test_everything_runs_until_ctrl_c(running: Running) -> None:
    assert running.lms_url in running.log.read_text()
    visitor = Visitor(running, "referent1")
    visitor.do_module(visitor.launch())
    # By the broker that needs no server.
    wait_until(lambda: visitor.grade("referent1") == ("100.0", "2"), what="the grade is in the LMS")
    # As a terminal does: to all that runs in it.
    os.killpg(running.process.pid, signal.SIGINT)
    expect_all_stopped(running)


def test_interrupting_the_command_alone_stops_the_rest(running: Running) -> None:
    assert len(running.processes()) >= 5
    running.process.send_signal(signal.SIGINT)
    expect_all_stopped(running)


def expect_all_stopped(running: Running) -> None:
    """With status 0, nothing left behind, and nothing frightening said."""
    assert running.process.wait(timeout=30) == 0, running.log.read_text()
    assert running.processes() == []
    assert "Traceback" not in running.log.read_text()
