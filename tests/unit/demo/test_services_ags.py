"""AGS: the captured session of a real Moodle, replayed call by call."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_app.demo import scopes
from lti_app.demo.grades import completion_state
from lti_app.demo.models import Grade, LineItem, Person
from lti_app.demo.platform import Platform
from tests.unit.demo import bench

ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
ITEM = "application/vnd.ims.lis.v2.lineitem+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"

CASES: list[dict[str, Any]] = bench.read_sample("ags")
PROGRESS: list[dict[str, Any]] = bench.read_sample("ags_progress_vs_completion")
STATE = "completion(0 incomplete,1 complete,2 pass,3 fail)"


@dataclass(frozen=True)
class Answer:
    """What came back for one case."""

    status: int
    reason: str
    content_type: str
    text: str
    link: str
    state: dict[str, Any]


def _state(platform: Platform, line_item_id: int) -> dict[str, Any]:
    with platform.database.reading() as session:
        item = session.get_one(LineItem, line_item_id)
        rows = session.execute(
            select(Person.username, Grade)
            .join(Grade, Grade.person_id == Person.id)
            .where(Grade.line_item_id == line_item_id)
            .order_by(Person.id)
        ).all()
        assert item.activity is not None
        return {
            username: {
                "raw": grade.raw_score,
                "final": grade.final_score,
                "feedback": grade.feedback,
                "tm": grade.scored_at,
                "state": completion_state(
                    grade.final_score,
                    rule=item.activity.completion_rule,
                    pass_score=item.pass_score,
                ),
            }
            for username, grade in rows
        }


def _authorization(name: str, bearer: Callable[..., str]) -> dict[str, str]:
    if "no token" in name:
        return {}
    if "bad token" in name:
        return {"Authorization": "Bearer nothing"}
    limited = {"score-only token": scopes.SCORE, "lineitem-only token": scopes.LINE_ITEM}
    granted = [scope for text, scope in limited.items() if text in name]
    return {"Authorization": bearer(*granted)}


def _media_types(case: dict[str, Any]) -> dict[str, str]:
    name, path = case["case"], case["url"].partition("?")[0]
    if case["method"] == "POST":
        sent = SCORE if path.endswith("/scores") else ITEM
        wrong = "Content-Type application/json" in name
        return {"Accept": "*/*", "Content-Type": "application/json" if wrong else sent}
    wanted = ITEMS if path.endswith("/lineitems") else RESULTS if "results" in path else ITEM
    if "*/*" in name or "no Accept" in name:
        wanted = "*/*"
    if "Accept application/json" in name:
        wanted = "application/json"
    content = {"Content-Type": ITEM} if case["method"] == "PUT" else {}
    return {"Accept": wanted, **content}


def _send(client: FlaskClient, case: dict[str, Any], headers: dict[str, str]) -> TestResponse:
    body = json.dumps(case.get("request_body", {"userId": "5"}))
    return client.open(
        case["url"].removeprefix(bench.BASE_URL),
        method=case["method"],
        headers=headers,
        data=body if case["method"] in ("POST", "PUT") else None,
    )


@pytest.fixture(scope="module")
def replayed(
    bench_app: Flask, bench_platform: Platform, bearer: Callable[..., str]
) -> dict[str, Answer]:
    """Every call of the sample in its order, since each one changes what the next one meets."""
    client = bench_app.test_client()
    answers: dict[str, Answer] = {}
    for case in CASES:
        if "method" not in case:
            answers[case["case"]] = Answer(0, "", "", "", "", _state(bench_platform, 2))
            continue
        response = _send(
            client, case, {**_authorization(case["case"], bearer), **_media_types(case)}
        )
        code, _, reason = response.status.partition(" ")
        answers[case["case"]] = Answer(
            int(code),
            reason,
            response.headers["Content-Type"],
            response.text,
            response.headers.get("Link", ""),
            {},
        )
    return answers


@pytest.mark.parametrize(
    "case", [case for case in CASES if "method" in case], ids=lambda c: c["case"]
)
def test_answers_as_moodle(replayed: dict[str, Answer], case: dict[str, Any]) -> None:
    answer = replayed[case["case"]]
    assert answer.status == case["status"]
    assert answer.reason == case["reason"]
    assert answer.content_type == case["content_type"]
    if answer.content_type.startswith("text/html"):
        assert ("<!DOCTYPE html>" in answer.text) == ("<!DOCTYPE html>" in case["body"])
    elif case["body"] == "":
        assert answer.text == ""
    else:
        assert json.loads(answer.text) == case["body"]
    assert _quotes(answer.link) == _quotes(case.get("Link", ""))


def _quotes(link: str) -> str:
    """The curly quotes are UTF-8 read as Latin-1, the capture lost part of them."""
    return re.sub(r"â[\x80-\x9f]*", "”", link)


@pytest.mark.parametrize(
    "case", [case for case in CASES if "method" not in case], ids=lambda c: c["case"]
)
def test_keeps_what_moodle_keeps(replayed: dict[str, Answer], case: dict[str, Any]) -> None:
    state = replayed[case["case"]].state
    expected = {row["user"]: row for row in case["grades"]}
    assert list(state) == list(expected)
    for user, row in state.items():
        assert {**row, "state": None} == {
            "raw": expected[user]["raw"],
            "final": expected[user]["final"],
            "feedback": expected[user]["feedback"],
            "tm": expected[user]["tm"],
            "state": None,
        }
    completed = {user: int(row["state"]) for user, row in state.items() if row["state"]}
    assert completed == {row["user"]: row["state"] for row in case[STATE]}


@pytest.fixture(scope="module")
def progress(
    bench_app: Flask, bench_platform: Platform, bearer: Callable[..., str]
) -> list[tuple[int, str]]:
    """The scores of the second sample, then (status, "completion|final") after each."""
    client = bench_app.test_client()
    seen = []
    users = {"5": "referent1", "6": "referent2"}
    for case in PROGRESS:
        if "request" not in case:
            continue
        response = client.post(
            f"{bench.SERVICES}/2/lineitems/3/lineitem/scores?type_id=1",
            headers={"Authorization": bearer(), "Content-Type": SCORE},
            data=json.dumps(case["request"]),
        )
        row = _state(bench_platform, 3)[users[case["request"]["userId"]]]
        final = "" if row["final"] is None else f"{row['final']:.5f}"
        seen.append((response.status_code, f"{int(row['state'])}|{final}"))
    return seen


@pytest.mark.parametrize(
    ("index", "case"),
    list(enumerate(case for case in PROGRESS if "request" in case)),
    ids=lambda value: value["case"] if isinstance(value, dict) else None,
)
def test_progress_moves_completion_as_moodle(
    progress: list[tuple[int, str]], index: int, case: dict[str, Any]
) -> None:
    if "completion|final" in case:
        expected = case["completion|final"]
    else:
        completion, _raw, final, *_ = case[
            "state completion|raw|final|feedback|timemodified"
        ].split("|")
        # Before any grade Moodle has no completion row at all.
        expected = f"{completion or 0}|{final}"
    assert progress[index] == (case["status"], expected)


def test_the_column_of_an_activity_cannot_be_deleted(
    bench_app: Flask, bearer: Callable[..., str]
) -> None:
    answer = bench_app.test_client().delete(
        f"{bench.SERVICES}/2/lineitems/4/lineitem?type_id=1",
        headers={"Authorization": bearer(), "Accept": ITEM},
    )
    assert answer.status == "403 Forbidden"
    assert answer.get_json(force=True)["request"]["method"] == "DELETE"


SCOPED = [
    ("GET", "/2/lineitems?type_id=1", ITEMS, {scopes.LINE_ITEM, scopes.LINE_ITEM_READ}),
    ("POST", "/2/lineitems?type_id=1", ITEM, {scopes.LINE_ITEM}),
    ("GET", "/2/lineitems/2/lineitem?type_id=1", ITEM, {scopes.LINE_ITEM, scopes.LINE_ITEM_READ}),
    ("PUT", "/2/lineitems/2/lineitem?type_id=1", ITEM, {scopes.LINE_ITEM}),
    ("DELETE", "/2/lineitems/2/lineitem?type_id=1", ITEM, {scopes.LINE_ITEM}),
    ("POST", "/2/lineitems/2/lineitem/scores?type_id=1", SCORE, {scopes.SCORE}),
    ("GET", "/2/lineitems/2/lineitem/results?type_id=1", RESULTS, {scopes.RESULT_READ}),
    ("GET", "/CourseSection/2/bindings/1/memberships", "*/*", {scopes.MEMBERSHIP_READ}),
]


@pytest.mark.parametrize("scope", sorted(scopes.PERMITTED_SCOPES))
@pytest.mark.parametrize(("method", "path", "media", "open_to"), SCOPED)
def test_each_endpoint_opens_to_its_own_scopes(
    bench_app: Flask,
    bearer: Callable[..., str],
    method: str,
    path: str,
    media: str,
    open_to: set[str],
    scope: str,
) -> None:
    answer = bench_app.test_client().open(
        bench.SERVICES + path,
        method=method,
        headers={"Authorization": bearer(scope), "Accept": media, "Content-Type": media},
        data="{}" if method in ("POST", "PUT") else None,
    )
    assert (answer.status_code != 401) == (scope in open_to)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        '"x"',
        "{",
        '{"userId": {}, "timestamp": 5}',
        '{"userId": "5"}\r\nX-Evil: 1',
    ],
)
def test_a_body_that_is_no_score_is_refused_and_writes_no_header(
    bench_app: Flask, bearer: Callable[..., str], body: str
) -> None:
    answer = bench_app.test_client().post(
        f"{bench.SERVICES}/2/lineitems/2/lineitem/scores?type_id=1",
        headers={"Authorization": bearer(), "Content-Type": SCORE},
        data=body,
    )
    assert answer.status_code == 400
    assert answer.text == "[]"
    assert "\r" not in answer.status
    assert "X-Evil" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/2/lineitems/2/lineitem?type_id=3",
        "/2/lineitems/99999999999999999999/lineitem?type_id=1",
        "/1/lineitems/2/lineitem?type_id=1",
        "/2/lineitems/x/lineitem?type_id=1",
    ],
)
def test_a_column_is_only_found_where_it_is(
    bench_app: Flask, bearer: Callable[..., str], path: str
) -> None:
    answer = bench_app.test_client().get(
        bench.SERVICES + path, headers={"Authorization": bearer(), "Accept": ITEM}
    )
    assert answer.status_code == 404


def test_an_unknown_tool_type_is_a_stranger(bench_app: Flask, bearer: Callable[..., str]) -> None:
    answer = bench_app.test_client().get(
        f"{bench.SERVICES}/2/lineitems?type_id=77",
        headers={"Authorization": bearer(), "Accept": ITEMS},
    )
    assert answer.status_code == 401


def test_a_column_that_changes_its_maximum_keeps_percentages(
    bench_app: Flask, bench_platform: Platform, bearer: Callable[..., str]
) -> None:
    client = bench_app.test_client()
    path = f"{bench.SERVICES}/2/lineitems/4/lineitem"
    score = {
        "userId": "7",
        "timestamp": "2026-11-21T10:00:00Z",
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "scoreGiven": 12,
        "scoreMaximum": 10,
    }
    client.post(
        f"{path}/scores?type_id=1",
        headers={"Authorization": bearer(), "Content-Type": SCORE},
        json=score,
    )
    for maximum in (20, 10):
        changed = client.put(
            f"{path}?type_id=1",
            headers={"Authorization": bearer(), "Content-Type": ITEM},
            data=json.dumps({"label": "Module 4 URL propre", "scoreMaximum": maximum}),
        )
        assert changed.status_code == 200
        kept = _state(bench_platform, 4)["referent3"]
        assert (kept["raw"], kept["final"]) == (1.2 * maximum, maximum)
    # Moodle's service record had no such column before: leave it as the samples know it.
    with bench_platform.database.writing() as session:
        session.get_one(LineItem, 4).resource_id = None


@pytest.mark.parametrize("body", [{"label": "x"}, {"label": "x", "scoreMaximum": "y"}])
def test_a_column_needs_a_label_and_a_maximum(
    bench_app: Flask, bearer: Callable[..., str], body: dict[str, str]
) -> None:
    answer = bench_app.test_client().post(
        f"{bench.SERVICES}/2/lineitems?type_id=1",
        headers={"Authorization": bearer(), "Content-Type": ITEM},
        data=json.dumps(body),
    )
    assert answer.status_code == 400


def test_pages_of_columns_go_back_too(bench_app: Flask, bearer: Callable[..., str]) -> None:
    answer = bench_app.test_client().get(
        f"{bench.SERVICES}/2/lineitems?type_id=1&limit=1&from=1&tag=",
        headers={"Authorization": bearer(), "Accept": ITEMS},
    )
    link = answer.headers["Link"].encode("latin-1").decode()
    assert "&amp;from=0>; rel=“prev”" in link
    assert "?tag=&amp;type_id=1" in link


@pytest.mark.parametrize("path", ["/2/lineitems/2/lineitem", "/2/lineitems/2/lineitem/results"])
def test_a_wrong_accept_is_refused_everywhere(
    bench_app: Flask, bearer: Callable[..., str], path: str
) -> None:
    answer = bench_app.test_client().get(
        f"{bench.SERVICES}{path}?type_id=1",
        headers={"Authorization": bearer(), "Accept": "application/json"},
    )
    assert answer.status_code == 400
    assert answer.get_json(force=True)["reason"].startswith("No handler found for")


def test_the_number_of_a_deleted_column_is_not_given_again(
    bench_app: Flask, bearer: Callable[..., str]
) -> None:
    client = bench_app.test_client()
    headers = {"Authorization": bearer(), "Content-Type": ITEM}

    def create() -> str:
        answer = client.post(
            f"{bench.SERVICES}/2/lineitems?type_id=1",
            headers=headers,
            data='{"label": "x", "scoreMaximum": 1}',
        )
        return str(answer.get_json(force=True)["id"]).removeprefix(bench.BASE_URL)

    first = create()
    assert client.delete(first, headers=headers).status_code == 204
    second = create()
    assert client.delete(second, headers=headers).status_code == 204
    assert first != second
