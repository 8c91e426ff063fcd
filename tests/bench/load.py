"""The load generator: asks for each measure in turn, prints one line of JSON for each.

A process of its own, started by `tests.bench`, so that its work is told apart from the server's.
"""

import gc
import json
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.bench.browser import Connection
from tests.bench.cpu import Shares, between, read_usage
from tests.bench.scenarios import NothingLeftError, Scenarios, WrongAnswerError
from tests.bench.world import World

_ERRORS_KEPT = 3
_AT_ONCE = 4
"""Launches at once while everybody signs in."""


@dataclass(frozen=True)
class Plan:
    """What to measure: `steps` are pairs (scenario, how many at once)."""

    world: str
    port: int
    seconds: float
    warm_up: float
    steps: list[tuple[str, int]]
    roots: dict[str, int]


@dataclass(frozen=True)
class Measure:
    """One scenario at one level. Times in milliseconds; processor time per operation too."""

    scenario: str
    at_once: int
    count: int
    per_second: float
    median_ms: float
    p95_ms: float
    statements: float
    errors: int
    error_kinds: list[str]
    web_cpu_ms: float
    database_cpu_ms: float
    generator_cpu_ms: float
    generator_share: float
    """Processors used by the generator, 1 meaning one of them all the time."""
    others_share: float
    """Processors used by what is not the benchmark."""
    load: float
    """Load average of the machine over the last minute, at the end."""


@dataclass
class _Tally:
    times: list[float] = field(default_factory=list)
    statements: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    ended: float = 0.0


def main() -> None:
    """Read the plan on standard input, measure, write on standard output."""
    values = json.load(sys.stdin)
    plan = Plan(**{**values, "steps": [tuple(step) for step in values["steps"]]})
    scenarios = Scenarios(World.load(Path(plan.world)))
    # Threads that wait for an answer must not wait for each other as well.
    sys.setswitchinterval(0.0005)
    gc.freeze()
    _sign_in(scenarios, plan.port)
    for name, at_once in plan.steps:
        operation = scenarios.by_name(name)
        _run(operation, plan.port, at_once, plan.warm_up)
        measure = _measure(plan, name, operation, at_once)
        sys.stdout.write(json.dumps(asdict(measure)) + "\n")
        sys.stdout.flush()


def _sign_in(scenarios: Scenarios, port: int) -> None:
    """Everybody, before anything is measured: what comes first in a process is then done too."""

    def launch(turn: int) -> None:
        connection = Connection(port)
        scenarios.sign_in(connection, turn, _AT_ONCE)
        connection.close()

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(launch, range(_AT_ONCE)))


def _measure(
    plan: Plan, name: str, operation: Callable[[Connection], int], at_once: int
) -> Measure:
    start = read_usage(plan.roots)
    tallies, seconds = _run(operation, plan.port, at_once, plan.seconds)
    shares = between(start, read_usage(plan.roots))
    times = sorted(time for tally in tallies for time in tally.times)
    errors = sum((tally.errors for tally in tallies), Counter[str]())
    count = len(times)
    return Measure(
        scenario=name,
        at_once=at_once,
        count=count,
        per_second=count / seconds,
        median_ms=_milliseconds(times, 0.5),
        p95_ms=_milliseconds(times, 0.95),
        statements=sum(tally.statements for tally in tallies) / max(count, 1),
        errors=errors.total(),
        error_kinds=[f"{text} ({n})" for text, n in errors.most_common(_ERRORS_KEPT)],
        load=_load(),
        **_processor_figures(shares, count),
    )


def _processor_figures(shares: Shares, count: int) -> dict[str, float]:
    each = 1000 / max(count, 1)
    trees: Mapping[str, float] = shares.trees
    return {
        "web_cpu_ms": trees["web"] * each,
        "database_cpu_ms": sum(seconds for n, seconds in trees.items() if n != "web") * each,
        "generator_cpu_ms": shares.own * each,
        "generator_share": shares.own / shares.seconds,
        "others_share": shares.others / shares.seconds,
    }


def _milliseconds(times: list[float], share: float) -> float:
    if len(times) < 2:
        return times[0] * 1000 if times else 0.0
    if share == 0.5:
        return statistics.median(times) * 1000
    return times[min(len(times) - 1, int(len(times) * share))] * 1000


def _load() -> float:
    return float(Path("/proc/loadavg").read_text(encoding="ascii").split()[0])


def _run(
    operation: Callable[[Connection], int], port: int, at_once: int, seconds: float
) -> tuple[list[_Tally], float]:
    """Do it again and again from `at_once` threads; their tallies, and the seconds it took."""
    tallies = [_Tally() for _ in range(at_once)]
    start = time.monotonic()
    threads = [
        threading.Thread(target=_repeat, args=(operation, port, start + seconds, tally))
        for tally in tallies
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tallies, max(tally.ended for tally in tallies) - start


def _repeat(operation: Callable[[Connection], int], port: int, until: float, tally: _Tally) -> None:
    connection = Connection(port)
    try:
        while time.monotonic() < until:
            begun = time.perf_counter()
            try:
                tally.statements += operation(connection)
                tally.times.append(time.perf_counter() - begun)
            except NothingLeftError:
                return
            except (WrongAnswerError, OSError) as error:
                tally.errors[f"{type(error).__name__}: {error}"] += 1
    finally:
        tally.ended = time.monotonic()
        connection.close()


if __name__ == "__main__":
    main()
