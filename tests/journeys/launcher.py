"""Run a module as `python -m` does, with its clock ahead; it dies with whoever started it.

    python -m tests.journeys.launcher SECONDS MODULE [ARGUMENT…]

« A week later » is made here, outside of the product: time-machine moves every clock of the
process (Relais's, PyJWT's, Celery's, the demonstration LMS's) and of those it forks. A setting of
Relais could do no more, and would be one more way to break a service.
"""

import ctypes
import runpy
import signal
import sys
from datetime import UTC, datetime, timedelta

import time_machine

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Never return: the module runs in this process, as its `__main__`."""
    seconds, module, *arguments = sys.argv[1:]
    # A test process killed by -9 runs no clean-up: the kernel does it.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if float(seconds):
        ahead = datetime.now(UTC) + timedelta(seconds=float(seconds))
        time_machine.travel(ahead, tick=True).start()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
