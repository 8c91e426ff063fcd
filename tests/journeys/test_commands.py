"""The command line on a living service: what it changes is seen by the web at once."""

import pytest
import requests

from tests.journeys.http_browser import Visitor
from tests.journeys.stack import Stack

pytestmark = [
    pytest.mark.journey,
    # What the commands write is tested on each database by the tests of their rooms.
    pytest.mark.parametrize("running_stack", ["sqlite"], indirect=True),
]

SECOND = (
    "--issuer", "http://localhost:9/moodle", "--client-id", "second-client",
    "--auth-url", "http://localhost:9/moodle/auth", "--token-url", "http://localhost:9/moodle/token",
    "--jwks-url", "http://localhost:9/moodle/jwks", "--deployment", "7", "--deployment", "8",
)  # fmt: skip


def test_platform_life(stack: Stack, learner: str) -> None:
    added = stack.relais("platform", "add", "--name", "second", *SECOND)
    assert (added.returncode, added.stderr) == (0, "")
    platforms = {row["name"]: row for row in stack.relais_json("platform", "list")}
    assert platforms["second"]["deployments"] == ["7", "8"]
    assert platforms["second"]["state"] == "active"

    closed = stack.relais("platform", "disable", "demo")
    try:
        assert (closed.returncode, closed.stdout) == (0, "demo is closed.\n")
        visitor = Visitor(stack, learner)
        start = visitor.get(f"{stack.lms_url}/mod/lti/launch.php?id=21")
        refused = visitor.submit(start, start.form("/lti/login"))
        assert refused.status == 403
        assert "fermé" in refused.words
    finally:
        opened = stack.relais("platform", "activate", "demo")
    assert opened.returncode == 0
    assert opened.stdout.startswith("demo is open")
    assert visitor.launch().path.endswith("/module/memoriser/")


def test_key_rotation_under_way(stack: Stack, learner: str) -> None:
    before = published_kids(stack)
    done = stack.relais("key", "rotate", "--overlap-hours", "0")
    assert done.returncode == 0, done.stderr
    new = done.stdout.split()[0]
    assert new in published_kids(stack) - before
    assert new in {row["kid"] for row in stack.relais_json("key", "list")}
    # The LMS knows the former key only: it must ask for the new one, or the grade is lost.
    stack.execute("DELETE FROM access_token")
    visitor = Visitor(stack, learner)
    visitor.do_module(visitor.launch())
    stack.wait_until(
        lambda: visitor.grade(learner) == ("100.0", "2"), what="a grade signed with the new key"
    )


def published_kids(stack: Stack) -> set[str]:
    answer = requests.get(f"{stack.tool_url}/lti/jwks", timeout=10)
    return {key["kid"] for key in answer.json()["keys"]}


def test_content_commands(stack: Stack) -> None:
    checked = stack.relais("content", "check")
    assert checked.returncode == 0, checked.stdout
    stats = stack.relais_json("content", "stats")
    memoriser = stats["modules"][0]
    assert (memoriser["lessons"], memoriser["questions"] >= 36) == (7, True)
    again = stack.relais_json("content", "sync")
    assert again[0]["changed"] is False


@pytest.mark.parametrize(
    "arguments",
    [
        ("platform", "add", "--name", "third"),
        ("platform", "add", "--name", "third", *SECOND[2:], "--issuer", "ftp://localhost/moodle"),
        ("platform", "disable", "nobody"),
        ("key", "rotate", "--overlap-hours", "soon"),
        ("score", "resend"),
        ("run", "--port", "0"),
        ("frobnicate",),
    ],
    ids=lambda words: "-".join(words[:2]),
)
def test_wrong_arguments_are_one_line_and_2(stack: Stack, arguments: tuple[str, ...]) -> None:
    done = stack.relais(*arguments)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("relais: ")
    assert len(done.stderr.splitlines()) == 1
