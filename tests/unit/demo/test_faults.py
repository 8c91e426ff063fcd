"""Every part of the LMS can be made to fail, alone."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from lti_app.demo.faults import Fault, Kind, Target
from lti_app.demo.platform import Platform
from tests.unit.demo import bench

ITEM = "/2/lineitems/2/lineitem"
CALLS = [
    (Target.JWKS, "GET", "/mod/lti/certs.php"),
    (Target.AUTH, "GET", "/mod/lti/auth.php"),
    (Target.TOKEN, "POST", "/mod/lti/token.php"),
    (Target.AGS, "GET", f"{bench.SERVICES}/2/lineitems"),
    (Target.AGS, "POST", f"{bench.SERVICES}/2/lineitems"),
    (Target.AGS, "GET", bench.SERVICES + ITEM),
    (Target.AGS, "PUT", bench.SERVICES + ITEM),
    (Target.AGS, "DELETE", bench.SERVICES + ITEM),
    (Target.AGS, "GET", f"{bench.SERVICES}{ITEM}/results"),
    (Target.SCORES, "POST", f"{bench.SERVICES}{ITEM}/scores"),
    (Target.NRPS, "GET", f"{bench.SERVICES}/CourseSection/2/bindings/1/memberships"),
]


@pytest.fixture(autouse=True)
def _no_fault_left(bench_platform: Platform) -> Iterator[None]:
    yield
    bench_platform.faults.clear()


@pytest.mark.parametrize("struck", [target for target in Target if target != Target.SERVICES])
@pytest.mark.parametrize(("target", "method", "path"), CALLS)
def test_a_fault_strikes_its_own_calls_only(
    bench_app: Flask,
    bench_platform: Platform,
    struck: Target,
    target: Target,
    method: str,
    path: str,
) -> None:
    bench_platform.faults.set(Fault(target=struck, kind=Kind.ERROR, status=502))
    answer = bench_app.test_client().open(path, method=method)
    assert (answer.status_code == 502) == (struck is target)


def test_services_are_all_but_the_launch(bench_app: Flask, bench_platform: Platform) -> None:
    bench_platform.faults.set(Fault(target=Target.SERVICES, kind=Kind.ERROR))
    client = bench_app.test_client()
    failing = {
        target
        for target, method, path in CALLS
        if client.open(path, method=method).status_code == 503
    }
    assert failing == {Target.TOKEN, Target.AGS, Target.SCORES, Target.NRPS}


NEXT = f"{bench.BASE_URL}{bench.SERVICES}/CourseSection/2/bindings/1/memberships?limit=2&from=2"

SHOUTED = NEXT.replace("http://moodle.localhost", "HTTP://MOODLE.LOCALHOST")


@pytest.mark.parametrize(
    ("variant", "header"),
    [
        ("curly", f"<{NEXT}>; rel=“next”"),
        ("unquoted", f"<{NEXT}>; rel=next"),
        ("uppercase", f'<{SHOUTED}>; rel="next"'),
        ("relative", f'<{NEXT.removeprefix(bench.BASE_URL)}>; rel="next"'),
        ("loop", f'<{NEXT.removesuffix("&from=2")}>; rel="next"'),
        ("elsewhere", f'<{NEXT.replace("moodle.localhost:8090", "ailleurs.example")}>; rel="next"'),
    ],
)  # fmt: skip
def test_a_link_header_is_broken_as_asked(
    bench_app: Flask, bearer: Callable[..., str], variant: str, header: str
) -> None:
    client = bench_app.test_client()
    fault = {"target": "nrps", "kind": "link", "variant": variant}
    assert client.post("/_demo/fault", json=fault).status_code == 204
    path = f"{bench.SERVICES}/CourseSection/2/bindings/1/memberships"
    answer = client.get(f"{path}?limit=2", headers={"Authorization": bearer()})
    assert answer.status_code == 200
    assert answer.headers["Link"].encode("latin-1").decode() == header
    # A page without next has nothing to break.
    whole = client.get(path, headers={"Authorization": bearer()})
    assert "Link" not in whole.headers
    assert client.post("/_demo/clear-fault").get_json() == {"struck": 1}


def test_an_unknown_variant_is_refused(bench_app: Flask) -> None:
    fault = {"target": "nrps", "kind": "link", "variant": "moon"}
    assert bench_app.test_client().post("/_demo/fault", json=fault).status_code == 400
