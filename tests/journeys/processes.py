"""One process of a stack: started in a group of its own, killed with all it forked."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from lti_app.core.settings import PROJECT_ROOT

T = TypeVar("T")


class NotInTimeError(AssertionError):
    """What was waited for did not happen; the message says what."""


def wait_until(
    predicate: Callable[[], T], *, what: str, timeout: float = 60, every: float = 0.05
) -> T:
    """The first true answer of `predicate`, asked again until `timeout` seconds have passed.

    Raises NotInTimeError.
    """
    end = time.monotonic() + timeout
    while True:
        answer = predicate()
        if answer:
            return answer
        if time.monotonic() > end:
            raise NotInTimeError(f"not in {timeout:g} s: {what}")
        time.sleep(every)


def processes_with(text: str) -> dict[int, str]:
    """Command lines, by pid, of the living processes whose environment holds `text`."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        # Processes end while we look, and those of others do not show theirs.
        with contextlib.suppress(OSError):
            environment = (folder / "environ").read_bytes()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
            if text.encode() in environment and command:
                found[int(folder.name)] = command.decode("utf-8", "replace").strip()
    return found


def parent_of(pid: int) -> int:
    """Pid of the parent of a living process."""
    status = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    # The name, in brackets, may hold anything.
    return int(status.rpartition(")")[2].split()[1])


class PartProcess:
    """A part of the stack: its command, its log, and the group of processes it is when it runs."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str],
        is_ready: Callable[["PartProcess"], bool],
    ) -> None:
        """`command`: a module and its arguments, or the path of a program and its arguments."""
        self.name = name
        self.log = log
        self._command = list(command)
        self._environment = dict(environment)
        self._is_ready = is_ready
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Of the first process of the group."""
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    def spawn(self, *, ahead: timedelta = timedelta()) -> None:
        """Start it, its clock `ahead` of the real one, without waiting until it is ready."""
        assert not self.is_running, f"{self.name} runs already"
        command = self._command
        if not command[0].startswith("/"):
            seconds = str(ahead.total_seconds())
            command = [sys.executable, "-m", "tests.journeys.launcher", seconds, *command]
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=PROJECT_ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_ready(self, timeout: float = 120) -> None:
        """Wait until it serves. Raises NotInTimeError, AssertionError when it stopped instead."""

        def ready() -> bool:
            assert self.is_running, f"{self.name} stopped by itself:\n{self.new_log}"
            return self._is_ready(self)

        wait_until(ready, what=f"{self.name} is ready", timeout=timeout)

    def kill(self) -> None:
        """SIGKILL, to the whole group: nothing is tidied up, as in a power cut."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            self._process.wait(10)
            # Forgotten, so that a group of the same number, later, is not killed for it.
            self._process = None

    def freeze(self) -> None:
        """SIGSTOP: alive, and answers nothing, as behind a network that swallows everything."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT, after `freeze`."""
        self._signal(signal.SIGCONT)

    def ask_to_stop(self) -> None:
        """SIGTERM, to its first process."""
        if self.is_running and self._process is not None:
            self._process.terminate()

    def wait_stopped(self, timeout: float = 10) -> None:
        """Wait for what `ask_to_stop` asked, then SIGKILL for whatever is left."""
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout)
        self.kill()

    @property
    def new_log(self) -> str:
        """What it wrote since it was last started."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(self._log_start)
            return file.read().decode("utf-8", "replace")

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
