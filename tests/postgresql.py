"""A PostgreSQL 16 of the tests, from the pgserver wheel: no root, no port, no service."""

import atexit
import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

_STARTS = 5


@contextlib.contextmanager
def running_postgresql() -> Iterator[str]:
    """Start a server in a folder of its own and give its URL; stop and delete it at the end."""
    # A short path: PostgreSQL refuses sockets whose path exceeds 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="relais-pg-"))
    _provide_runtime_folder()
    import pgserver

    for attempt in range(1, _STARTS + 1):
        try:
            server = pgserver.get_server(folder, cleanup_mode="delete")
            break
        except subprocess.TimeoutExpired:
            # pgserver waits ten seconds, which a loaded machine can exceed.
            pgserver.PostgresServer._instances.pop(folder, None)
            if attempt == _STARTS:
                raise
    try:
        # Test data need not survive a power cut; without the waits, tests run twice as fast.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.psql(f"ALTER SYSTEM SET {setting} = off;")
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _provide_runtime_folder() -> None:
    """pgserver looks for one when it is imported, and warns (an error here) when there is none."""
    if "XDG_RUNTIME_DIR" not in os.environ:
        folder = tempfile.mkdtemp(prefix="relais-run-")
        os.environ["XDG_RUNTIME_DIR"] = folder
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
