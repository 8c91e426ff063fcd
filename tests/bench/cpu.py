"""Who used the processors: by process tree, from /proc (Linux only)."""

import os
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
PROCESSORS = os.cpu_count() or 1


@dataclass(frozen=True)
class Usage:
    """Processor seconds since some origin. `trees`: by name, as given to `read_usage`."""

    at: float
    machine: float
    own: float
    trees: Mapping[str, float]


@dataclass(frozen=True)
class Shares:
    """Between two readings: seconds that passed, processor seconds used."""

    seconds: float
    own: float
    trees: Mapping[str, float]
    others: float
    """By processes that have nothing to do with the benchmark."""


def read_usage(roots: Mapping[str, int]) -> Usage:
    """The usage of this process, and of each tree that starts at a process id of `roots`."""
    used, children = _processes()
    return Usage(
        at=time.monotonic(),
        machine=_machine(),
        own=time.process_time(),
        trees={name: _tree(pid, used, children) for name, pid in roots.items()},
    )


def between(start: Usage, end: Usage) -> Shares:
    """What was used from `start` to `end`."""
    trees = {name: seconds - start.trees[name] for name, seconds in end.trees.items()}
    own = end.own - start.own
    others = end.machine - start.machine - own - sum(trees.values())
    return Shares(end.at - start.at, own, trees, max(0.0, others))


def _processes() -> tuple[dict[int, float], dict[int, list[int]]]:
    used: dict[int, float] = {}
    children: dict[int, list[int]] = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # it ended in between
        # The name, in parentheses, may hold spaces: fields are counted after it.
        values = text.rpartition(") ")[2].split()
        pid = int(text.partition(" ")[0])
        # Fields 14 to 17 of proc(5): own time, then that of children which ended.
        used[pid] = sum(map(int, values[11:15])) / _TICKS
        children[int(values[1])].append(pid)
    return used, children


def _tree(pid: int, used: Mapping[int, float], children: Mapping[int, list[int]]) -> float:
    below = sum(_tree(child, used, children) for child in children.get(pid, ()))
    return used.get(pid, 0.0) + below


def _machine() -> float:
    first = Path("/proc/stat").read_text(encoding="ascii").partition("\n")[0]
    user, nice, system, _idle, _wait, irq, softirq, *_ = map(int, first.split()[1:])
    return (user + nice + system + irq + softirq) / _TICKS
