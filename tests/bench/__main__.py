"""python -m tests.bench: see `tests.bench`."""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from lti_app.core.settings import PROJECT_ROOT
from tests.bench import report
from tests.bench.load import Measure, Plan
from tests.bench.roster import QUICK_SIZES, SIZES, RosterMeasure, measure_rosters
from tests.bench.server import DATABASES, Gunicorn, Place, open_place, serve
from tests.bench.world import build_world

REFERENTS = 450
LEVELS = (1, 8)
# In this order: launches sign everybody in, question pages prepare the answers.
SCENARIOS = (
    "launch RS256", "launch ES256", "question page", "answer + next", "path page", "module page",
    "lesson page", "trainer's page", "CSV export",
)  # fmt: skip


PARTS = ("web", "roster")


def main() -> None:
    """Measure, print, write."""
    arguments = _arguments()
    runs = _measure_web(arguments) if "web" in arguments.only else []
    rosters = _measure_rosters(arguments) if "roster" in arguments.only else []
    if arguments.json:
        report.write_json(arguments.json, runs, rosters)
    if any(measure.errors for _, _, measures in runs for measure in measures):
        sys.exit("bench: some answers were not what was asked for: see the lines above")


def _measure_web(arguments: argparse.Namespace) -> list[tuple[str, Gunicorn, Sequence[Measure]]]:
    gunicorn = Gunicorn(arguments.workers, arguments.threads)
    runs: list[tuple[str, Gunicorn, Sequence[Measure]]] = []
    for database in arguments.database or DATABASES:
        with open_place(database) as place:
            report.print_heading(database, gunicorn, "Redis" if place.broker else "folders")
            measures = []
            for measure in _measures(place, gunicorn, arguments):
                report.print_measure(measure)
                measures.append(measure)
            runs.append((database, gunicorn, measures))
    report.print_legend(measure for _, _, measures in runs for measure in measures)
    return runs


def _measure_rosters(arguments: argparse.Namespace) -> list[RosterMeasure]:
    measures = []
    report.print_roster_heading()
    for database in arguments.database or DATABASES:
        with open_place(database) as place:
            for measure in measure_rosters(place, QUICK_SIZES if arguments.quick else SIZES):
                report.print_roster(measure)
                measures.append(measure)
    return measures


def _measures(place: Place, gunicorn: Gunicorn, arguments: argparse.Namespace) -> Iterator[Measure]:
    path = place.folder / "world.json"
    build_world(place, referents=arguments.referents).save(path)
    with serve(place, gunicorn) as (port, pid):
        plan = Plan(
            world=str(path),
            port=port,
            seconds=arguments.seconds,
            warm_up=min(1.0, arguments.seconds / 2),
            steps=[(name, level) for name in arguments.scenario for level in LEVELS],
            roots={"web": pid, **_database_roots(place)},
        )
        yield from _generate(plan)


def _generate(plan: Plan) -> Iterator[Measure]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.load"],
        cwd=PROJECT_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as generator:  # fmt: skip
        if generator.stdin is None or generator.stdout is None:
            raise AssertionError("both are pipes")
        json.dump(asdict(plan), generator.stdin)
        generator.stdin.close()
        for line in generator.stdout:
            yield Measure(**json.loads(line))
    if generator.returncode:
        sys.exit("bench: the load generator failed: see its lines above")


def _database_roots(place: Place) -> dict[str, int]:
    roots = {}
    if place.database_folder is not None:
        text = (place.database_folder / "postmaster.pid").read_text(encoding="ascii")
        roots["postgresql"] = int(text.splitlines()[0])
    if place.broker is not None:
        roots["redis"] = place.broker.pid
    return roots


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2 seconds a measure")
    parser.add_argument("--only", choices=PARTS, action="append", help="by default, everything")
    parser.add_argument("--seconds", type=float, default=8.0, help="seconds a measure takes")
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--scenario", choices=SCENARIOS, action="append")
    parser.add_argument("--referents", type=int, default=REFERENTS)
    parser.add_argument("--workers", type=int, default=2, help="gunicorn's")
    parser.add_argument("--threads", type=int, default=1, help="of each worker")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures there")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.seconds = 2.0
    arguments.scenario = arguments.scenario or list(SCENARIOS)
    arguments.only = arguments.only or list(PARTS)
    return arguments


if __name__ == "__main__":
    main()
