"""A roster read from its first page to its last: statements, seconds, memory.

`python -m tests.bench --only roster`. Each size is read by a process of its own
(`python -m tests.bench.roster`), whose peak memory is then that reading's and no other's.
"""

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa
import structlog

from lti_app.app import create_app
from lti_app.core.clock import now
from lti_app.core.database import db, mark_read_only
from lti_app.core.schema import upgrade
from lti_app.core.settings import PROJECT_ROOT, load_settings
from lti_app.lti.models import Platform
from lti_app.lti.services.keys import ensure_key
from lti_app.people.models import Course, Enrolment
from lti_app.roster.models import RosterSync
from lti_app.roster.tasks import sync_roster
from tests.bench.server import Place

SIZES = (2_000, 20_000)
QUICK_SIZES = (500, 5_000)
_WARM_UP = 1_000
"""One whole page: what a worker keeps for ever is loaded, and its largest page was read."""

_STATUS = Path("/proc/self/status")
_CLEAR_PEAK = Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class RosterMeasure:
    """One reading. `peak_mb`: the most memory held at once, above what was held before it."""

    database: str
    members: int
    reading: str
    statements: int
    seconds: float
    peak_mb: float


def measure_rosters(place: Place, sizes: tuple[int, ...]) -> Iterator[RosterMeasure]:
    """Read rosters of these sizes into the database of the place: a first time, then unchanged."""
    place.settings.instance_path.mkdir(parents=True, exist_ok=True)
    upgrade(place.settings.effective_database_url)
    # Development allows the loopback address that the rosters come from.
    environment = place.environment | {"RELAIS_ENV": "development", "RELAIS_LOG_LEVEL": "ERROR"}
    with _members() as port:
        for size in sizes:
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench.roster", place.database, str(port), str(size)],
                cwd=PROJECT_ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False,
            )  # fmt: skip
            if done.returncode:
                sys.exit("bench: the roster could not be read: see the lines above")
            for line in done.stdout.splitlines():
                yield RosterMeasure(**json.loads(line))


@contextmanager
def _members() -> Iterator[int]:
    """The port of the LMS that gives the rosters."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.members"],
        cwd=PROJECT_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        if process.stdin is None or process.stdout is None:
            raise AssertionError("both are pipes")
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()


def _main(database: str, port: int, size: int) -> None:
    app = create_app(load_settings())
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with app.app_context():
        mark_read_only(False)
        secret_key = app.config["RELAIS"].effective_secret_key
        ensure_key(db.session, secret_key=secret_key, now=now())
        base = f"http://127.0.0.1:{port}"
        warm_up = _course(base, f"warm-up-{size}", _WARM_UP)
        course = _course(base, f"roster-{size}", size)
        for _ in range(2):
            sync_roster.run(warm_up)
        for reading in ("first", "again"):
            measure = _measure(database, course, size, reading)
            sys.stdout.write(json.dumps(asdict(measure)) + "\n")


def _course(base: str, name: str, size: int) -> int:
    """A course of a platform of its own: its people are nobody else's."""
    platform = Platform(
        name=name,
        issuer=f"{base}/{name}",
        client_id="bench",
        auth_url=f"{base}/auth",
        token_url=f"{base}/token",
        jwks_url=f"{base}/jwks",
        created_at=now(),
    )
    course = Course(
        platform=platform,
        issuer=platform.issuer,
        context_id="2",
        title=name,
        memberships_url=f"{base}/{name}/{size}/members",
        created_at=now(),
    )
    db.session.add(course)
    db.session.commit()
    return course.id


def _measure(database: str, course_id: int, size: int, reading: str) -> RosterMeasure:
    statements = 0

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal statements
        statements += not statement.startswith("BEGIN")

    engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    _CLEAR_PEAK.write_text("5", encoding="ascii")
    before, started = _kilobytes("VmRSS"), time.perf_counter()
    sync_roster.run(course_id)
    seconds, peak = time.perf_counter() - started, _kilobytes("VmHWM") - before
    sa.event.remove(engine, "before_cursor_execute", note)
    _check(course_id, size)
    return RosterMeasure(database, size, reading, statements, round(seconds, 2), peak / 1024)


def _check(course_id: int, size: int) -> None:
    """A reading that failed must not count as a fast one."""
    db.session.rollback()
    sync = db.session.get_one(RosterSync, course_id, populate_existing=True)
    enrolled = db.session.scalar(sa.select(sa.func.count()).where(Enrolment.course_id == course_id))
    if (sync.problem, sync.members, enrolled) != (None, size, size):
        sys.exit(f"bench: roster: {sync.problem}, {sync.members} members, {enrolled} enrolled")
    db.session.rollback()


def _kilobytes(name: str) -> int:
    for line in _STATUS.read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise AssertionError(f"{name} is not in {_STATUS}")


if __name__ == "__main__":
    os.environ.setdefault("RELAIS_ENV", "development")
    _main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
