"""The table of a run, and how it compares with a Moodle."""

import json
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.bench.cpu import PROCESSORS
from tests.bench.load import Measure
from tests.bench.roster import RosterMeasure
from tests.bench.server import Gunicorn

AIM = 10
_COLUMNS = (
    "", "at once", "per s", "median", "p95", "SQL", "errors", "web CPU", "db CPU", "others",
    "by CPU", "× Moodle",
)  # fmt: skip


@dataclass(frozen=True)
class Moodle:
    """A real Moodle 4.5 on two processors: per second at its best, milliseconds alone."""

    what: str
    per_second: float
    alone_ms: float


_LAUNCH = Moodle("launch", 41, 50)
MOODLE = {
    "launch RS256": _LAUNCH,
    "launch ES256": _LAUNCH,
    "answer + next": Moodle("answer and next question", 17, 102),
    "path page": Moodle("course page", 22, 86),
    "trainer's page": Moodle("progress report, 25 people shown", 5.5, 530),
}


def ratio(measure: Measure) -> float | None:
    """How many times a Moodle: shorter when alone, more per second otherwise; None if unknown."""
    moodle = MOODLE.get(measure.scenario)
    if moodle is None or not measure.count:
        return None
    if measure.at_once == 1:
        return moodle.alone_ms / measure.median_ms
    return measure.per_second / moodle.per_second


def per_second_by_processor(measure: Measure) -> float:
    """How many per second if nothing else ran on the machine and no processor ever waited.

    An upper bound for a busy server; what it needs is fewer milliseconds, the generator's included.
    """
    each = measure.web_cpu_ms + measure.database_cpu_ms + measure.generator_cpu_ms
    return PROCESSORS * 1000 / each if each else 0.0


def print_heading(database: str, gunicorn: Gunicorn, broker: str) -> None:
    """Above the lines of one database."""
    _say(f"\n{database}, broker {broker}, gunicorn {' '.join(gunicorn.arguments)}")
    _print_line(_COLUMNS)


def print_measure(measure: Measure) -> None:
    """One line of the table."""
    times = ratio(measure)
    _print_line(
        (
            measure.scenario,
            str(measure.at_once),
            f"{measure.per_second:.1f}",
            f"{measure.median_ms:.1f}",
            f"{measure.p95_ms:.1f}",
            f"{measure.statements:.1f}",
            str(measure.errors),
            f"{measure.web_cpu_ms:.2f}",
            f"{measure.database_cpu_ms:.2f}",
            f"{measure.others_share:.2f}",
            f"{per_second_by_processor(measure):.0f}",
            "" if times is None else f"{times:.1f}",
        )
    )
    for kind in measure.error_kinds:
        _say(f"    {kind}")


def print_legend(measures: Iterable[Measure]) -> None:
    """What the columns mean, and what the generator itself took."""
    shares = [measure.generator_share for measure in measures if measure.at_once > 1]
    busiest = max(shares, default=0.0)
    _say(
        "\nTimes in milliseconds. SQL: statements per operation. web CPU, db CPU: processor"
        " milliseconds per operation\n(gunicorn; PostgreSQL and Redis). others: processors used"
        f" by strangers to the benchmark, of {PROCESSORS}: figures per second and\ntimes mean"
        f" little unless it is near 0. The generator itself took at most {busiest:.2f}. by CPU: how"
        " many per second that\nprocessor time allows on a machine with nothing else to do."
        f" × Moodle: against a real Moodle 4.5 on 2 processors,\ntime alone or number per second;"
        f" the aim is {AIM}."
    )
    for name, moodle in MOODLE.items():
        _say(f"  {name}: {moodle.per_second:g}/s, {moodle.alone_ms:g} ms alone ({moodle.what})")


def print_roster_heading() -> None:
    """Above the lines of the rosters, and what they say."""
    _say(
        "\nRosters read from an LMS beside it, page by page. SQL: statements. peak: megabytes held"
        " at once above what the\nworker held before; the same whatever the size, or nearly."
    )
    _say(f"{'':<26}" + "".join(f"{word:>12}" for word in ("members", "SQL", "seconds", "peak MB")))


def print_roster(measure: RosterMeasure) -> None:
    """One reading."""
    figures = (
        f"{measure.members:,}",
        str(measure.statements),
        f"{measure.seconds:.2f}",
        f"{measure.peak_mb:.1f}",
    )
    name = f"{measure.database}, {measure.reading}"
    _say(f"{name:<26}" + "".join(f"{figure:>12}" for figure in figures))


def write_json(
    path: Path,
    runs: Sequence[tuple[str, Gunicorn, Sequence[Measure]]],
    rosters: Sequence[RosterMeasure],
) -> None:
    """All the figures, and what they were taken on."""
    packages = ("Flask", "SQLAlchemy", "gunicorn", "psycopg")
    value: dict[str, Any] = {
        "machine": {"processors": PROCESSORS, "python": platform.python_version()},
        "packages": {name: version(name) for name in packages},
        "moodle": {name: asdict(moodle) for name, moodle in MOODLE.items()},
        "runs": [
            {
                "database": database,
                "gunicorn": asdict(gunicorn),
                "measures": [
                    {**asdict(each), "ratio": ratio(each), "by_cpu": per_second_by_processor(each)}
                    for each in measures
                ],
            }
            for database, gunicorn, measures in runs
        ],
        "rosters": [asdict(each) for each in rosters],
    }
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def _print_line(cells: Sequence[str]) -> None:
    name, *figures = cells
    _say(f"{name:<16}" + "".join(f"{figure:>9}" for figure in figures))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
