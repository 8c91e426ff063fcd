"""Stacks for the journeys, one per database, shared by the tests of a process."""

import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.journeys.stack import Stack, new_postgresql_database

# As `make run` has it, and as production has it.
_DATABASES = ("sqlite", "postgresql")

_FAILED = pytest.StashKey[bool]()


# First, for xdist reads the marks in a hook of the same name.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of one stack in one process, so that no process has two."""
    for item in items:
        callspec = getattr(item, "callspec", None)
        if callspec is not None and "running_stack" in callspec.params:
            item.add_marker(pytest.mark.xdist_group(f"stack-{callspec.params['running_stack']}"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the logs of the processes with the test that failed."""
    report = yield
    running: Stack | None = getattr(item, "funcargs", {}).get("running_stack")
    if report.failed and running is not None:
        report.sections.append(("Logs of the stack", running.log_tails()))
        item.config.stash[_FAILED] = True
    return report


@pytest.fixture(scope="session", params=_DATABASES)
def running_stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The stack of this database, with Redis as broker. Use `stack`."""
    url = ""
    if request.param == "postgresql":
        url = new_postgresql_database(request.getfixturevalue("postgresql_url"))
    # Short, and kept after a failure: the logs are in it.
    folder = Path(tempfile.mkdtemp(prefix=f"relais-{request.param}-"))
    try:
        with Stack(folder, database_url=url, redis=True) as running:
            yield running
    finally:
        if not request.config.stash.get(_FAILED, False):
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def stack(running_stack: Stack) -> Stack:
    """A whole Relais whose parts all run, with no fault left by another test."""
    running_stack.ensure_running()
    return running_stack


@pytest.fixture(scope="session")
def new_learner() -> Callable[[], str]:
    """Gives the LMS account of a learner of course 2 whom no other test uses, at each call."""
    numbers = count(1)
    return lambda: f"referent-{next(numbers):04}"


@pytest.fixture
def learner(new_learner: Callable[[], str]) -> str:
    """One such learner."""
    return new_learner()
