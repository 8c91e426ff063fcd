"""Commands found where they are, and only when they are asked for."""

import subprocess
import sys
from importlib import import_module

import click
import pytest

from lti_app.cli import relais
from lti_app.cli.lazy import LazyGroup
from lti_app.core.settings import PROJECT_ROOT


@pytest.mark.parametrize("group", [relais, import_module("lti_app.cli.content").content])
def test_every_command_is_where_it_is_said_to_be(group: LazyGroup) -> None:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        assert command.name == name
    assert group.get_command(context, "zut") is None


def test_a_check_does_not_wait_for_the_web_application() -> None:
    script = (
        "import sys\n"
        "from lti_app.cli import relais\n"
        "relais.main(['content', 'stats'], standalone_mode=False)\n"
        "print({'lti_app.app', 'celery', 'lti_app.demo'} & sys.modules.keys())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "set()"
