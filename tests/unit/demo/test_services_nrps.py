"""NRPS, against the samples."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from lti_app.demo import scopes
from lti_app.demo.models import Enrolment, Role
from lti_app.demo.platform import Platform
from tests.unit.demo import bench

MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
OUTCOME = "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome"
# The membership container of LTI 1.1 is not reproduced: nothing reads it any more.
CASES = [case for case in bench.read_sample("nrps") if case["case"] != "v1 accept"]


def _without_draws(body: Any) -> Any:
    """The body without the numbers that Moodle draws for each answer."""
    for member in body.get("members", []):
        for message in member.get("message", []):
            sourced = json.loads(message[OUTCOME]["lis_result_sourcedid"])
            message[OUTCOME]["lis_result_sourcedid"] = {
                **sourced["data"], "launchid": None
            }  # fmt: skip
    return body


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_answers_as_moodle(
    bench_app: Flask, bearer: Callable[..., str], case: dict[str, Any]
) -> None:
    granted = {"bad token": None, "score-only token": (scopes.SCORE,)}.get(case["case"], ())
    authorization = "Bearer nothing" if granted is None else bearer(*granted)
    accept = "*/*" if "accept" in case["case"] else MEMBERS
    answer = bench_app.test_client().get(
        case["url"].removeprefix(bench.BASE_URL),
        headers={"Authorization": authorization, "Accept": accept},
    )
    code, _, reason = answer.status.partition(" ")
    assert (int(code), reason) == (case["status"], case["reason"])
    assert answer.headers["Content-Type"] == case["content_type"]
    assert answer.headers.get("Link") == case.get("Link")
    assert _without_draws(answer.get_json(force=True)) == _without_draws(case["body"])


def test_names_are_withheld_by_the_private_tool(
    bench_app: Flask, bearer: Callable[..., str]
) -> None:
    answer = bench_app.test_client().get(
        f"{bench.SERVICES}/CourseSection/2/bindings/3/memberships",
        headers={"Authorization": bearer(), "Accept": MEMBERS},
    )
    assert answer.get_json(force=True) == bench.read_sample("nrps_privacy_never")


def _set_role(platform: Platform, **values: Any) -> None:
    with platform.database.writing() as session:
        row = session.get_one(Enrolment, (3, 2))
        for name, value in values.items():
            setattr(row, name, value)


def test_a_non_editing_teacher_is_a_learner_here_and_a_suspended_one_nobody(
    bench_app: Flask, bench_platform: Platform, bearer: Callable[..., str]
) -> None:
    def roles() -> list[str] | None:
        answer = bench_app.test_client().get(
            f"{bench.SERVICES}/CourseSection/2/bindings/1/memberships",
            headers={"Authorization": bearer(), "Accept": MEMBERS},
        )
        members = answer.get_json(force=True)["members"]
        found = [member["roles"] for member in members if member["user_id"] == "3"]
        return found[0] if found else None

    try:
        _set_role(bench_platform, role=Role.TEACHER)
        assert roles() == ["Learner"]
        _set_role(bench_platform, suspended=True)
        assert roles() is None
    finally:
        _set_role(bench_platform, role=Role.EDITING_TEACHER, suspended=False)


@pytest.mark.parametrize(
    "path",
    [
        "/CourseSection/999/bindings/1/memberships",
        "/CourseSection/x/bindings/1/memberships",
        "/CourseSection/2/bindings/1/memberships?rlid=x",
    ],
)
def test_what_does_not_exist_is_404(
    bench_app: Flask, bearer: Callable[..., str], path: str
) -> None:
    answer = bench_app.test_client().get(bench.SERVICES + path, headers={"Authorization": bearer()})
    assert answer.status_code == 404


def test_the_pages_together_are_everyone(bench_app: Flask, bearer: Callable[..., str]) -> None:
    client = bench_app.test_client()
    path = f"{bench.SERVICES}/CourseSection/2/bindings/1/memberships"
    url, seen = f"{path}?limit=1", []
    while url:
        answer = client.get(url, headers={"Authorization": bearer()})
        seen += [member["user_id"] for member in answer.get_json(force=True)["members"]]
        link = answer.headers.get("Link", "")
        url = link.partition(">")[0].removeprefix("<").removeprefix(bench.BASE_URL)
    assert sorted(seen) == ["3", "4", "5", "6", "7"]
