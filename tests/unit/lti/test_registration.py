"""What an LMS is told of Relais, and what is believed of an LMS."""

from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.lti.rules import registration as rules
from lti_app.lti.rules.moodle_fields import MoodleField, moodle_fields
from lti_app.lti.rules.registration_errors import RegistrationError
from tests.unit.lti.moodle import configuration, moodle_sample

BASE = "https://relais.example.org"
HOST = "moodle.example.org:443"
TOKEN = "t" * rules.TOKEN_LENGTH
Json = dict[str, Any]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["issuer", "client_id", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


def read(document: object, issuer: str | None = None) -> rules.PlatformConfiguration:
    return rules.read_configuration(document, host=HOST, issuer=issuer, allow_http=False)


def code_of(action: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises(RegistrationError) as raised:
        action(*arguments, **options)
    return raised.value.explanation.code


# The address of our page, as each LMS writes it


@pytest.mark.parametrize("separator", ["&", "?"])
def test_lms_append_their_parameters_in_two_ways(separator: str) -> None:
    query = f"invitation={TOKEN}{separator}" + urlencode(
        {
            "openid_configuration": "https://moodle.example.org/c?x=1&y=2",
            "registration_token": "a.b",
        }
    )
    assert rules.read_query(query) == rules.RegistrationRequest(
        TOKEN, "https://moodle.example.org/c?x=1&y=2", "a.b"
    )


def test_d2l_sends_no_registration_token() -> None:
    query = f"invitation={TOKEN}&openid_configuration={quote('https://d2l.example.org/c')}"
    assert rules.read_query(query).registration_token == ""


@pytest.mark.parametrize(
    "query",
    [
        "",
        "&&&",
        "invitation=",
        "invitation=a&invitation=b",
        "invitation=" + "a" * 200,
        "&".join("a=1" for _ in range(100)),
    ],
)
def test_what_makes_no_sense_is_empty(query: str) -> None:
    assert rules.read_query(query).invitation == ""


@given(st.text(max_size=300))
def test_any_query_is_read(query: str) -> None:
    request = rules.read_query(query)
    assert len(request.invitation) <= 2 * rules.TOKEN_LENGTH


# Which addresses may be called


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://moodle.example.org/mod/lti/c.php", "moodle.example.org:443"),
        ("https://MOODLE.example.org:443/", "moodle.example.org:443"),
        ("https://moodle.example.org:8443/a?b=c", "moodle.example.org:8443"),
        ("https://[2001:db8::1]/c", "[2001:db8::1]:443"),
    ],
)
def test_the_host_is_compared_with_its_port(url: str, host: str) -> None:
    assert rules.host_and_port(url) == host


@pytest.mark.parametrize(
    "url",
    [
        "",
        "moodle.example.org",
        "//moodle.example.org/c",
        "http://moodle.example.org/c",
        "ftp://moodle.example.org/c",
        "javascript:alert(1)",
        "https://",
        "https:///c",
        "https://user@moodle.example.org/c",
        "https://moodle.example.org@evil.example/c",
        "https://moodle.example.org:pass@evil.example/c",
        "https://moodle.example.org:/c",
        "https://moodle.example.org:99999/c",
        "https://moodle.example.org:x/c",
        "https://moodle.example.org\\@evil.example/c",
        "https://moodle.example.org\t/c",
        "https://moodle.example.org/c\r\nX: y",
        "https://moodle.example.org /c",
        "https://moodle.example.org%2f.evil.example/c",
        "https://moodle;evil.example/c",
        "https://moodle.example.org'/c",
        "https://mоodle.example.org/c",  # a Cyrillic о
        "https://moodle.example.org/" + "a" * 1000,
        "https://\x00",
        "https://\ud800",
        "https://[::1",
        "https://moodle..example.org/c",
        "https://moodle.example.org./c",
        f"https://{'a' * 64}.example.org/c",
        f"https://{'.'.join(['abcd'] * 60)}/c",
    ],
)
def test_what_two_programs_could_read_in_two_ways_is_refused(url: str) -> None:
    assert rules.host_and_port(url) is None


def test_http_is_for_development() -> None:
    url = "http://localhost:8001/mod/lti/openid-configuration.php"
    assert rules.host_and_port(url) is None
    assert rules.host_and_port(url, allow_http=True) == "localhost:8001"


@given(st.text(max_size=80), st.booleans())
def test_a_host_is_safe_in_a_header_and_on_a_page(text: str, prefixed: bool) -> None:
    url = f"https://{text}" if prefixed else text
    host = rules.host_and_port(url)
    if host is not None:
        assert set(host) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-:[]")
        assert rules.origin_of(url).startswith("https://")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Moodle.example.org:443/c", "https://moodle.example.org"),
        ("https://moodle.example.org:8443/c", "https://moodle.example.org:8443"),
        ("http://localhost:8001/c", "http://localhost:8001"),
    ],
)
def test_an_origin_is_written_as_browsers_do(url: str, origin: str) -> None:
    assert rules.origin_of(url) == origin


def test_an_invitation_for_an_issuer_is_for_its_host_only() -> None:
    options: Json = {"issuer": "https://moodle.example.org/site", "allow_http": False}
    assert rules.check_address("https://moodle.example.org/c", **options) == HOST
    assert code_of(rules.check_address, "https://evil.example/c", **options) == (
        "INSCRIPTION-EMETTEUR"
    )
    assert code_of(rules.check_address, "https://moodle.example.org:8443/c", **options) == (
        "INSCRIPTION-EMETTEUR"
    )
    assert code_of(rules.check_address, "http://moodle.example.org/c", **options) == (
        "INSCRIPTION-ADRESSE"
    )


# The configuration of the LMS


def test_the_configuration_of_a_real_moodle_is_read() -> None:
    assert read(configuration()) == rules.PlatformConfiguration(
        issuer="https://moodle.example.org",
        auth_url="https://moodle.example.org/mod/lti/auth.php",
        token_url="https://moodle.example.org/mod/lti/token.php",
        jwks_url="https://moodle.example.org/mod/lti/certs.php",
        registration_url="https://moodle.example.org/mod/lti/openid-registration.php",
        token_audience=None,
        product_family="moodle",
    )


def test_the_audience_of_token_requests_is_kept_where_it_is_said() -> None:
    document = configuration(authorization_server="https://moodle.example.org")
    assert read(document).token_audience == "https://moodle.example.org"


ENDPOINTS = ["authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"]


@pytest.mark.parametrize("name", [*ENDPOINTS, "issuer"])
@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "https://moodle.example.org:8443/x",
        "https://moodle.example.org.evil.example/x",
        "https://x@moodle.example.org/x",
        "http://moodle.example.org/x",
        "https://169.254.169.254/x",
        "/mod/lti/x.php",
    ],
)
def test_every_address_is_on_the_host_that_answered(name: str, url: str) -> None:
    assert code_of(read, configuration(**{name: url})) == "INSCRIPTION-HOTE"


@pytest.mark.parametrize("name", [*ENDPOINTS, "issuer"])
@pytest.mark.parametrize("value", [None, "", 3, [], {}, "x" * 1001, " ", "a\x00", "a\ud800", " a"])
def test_no_address_may_be_missing_or_strange(name: str, value: object) -> None:
    assert code_of(read, configuration(**{name: value})) == "INSCRIPTION-CONFIGURATION"


def test_the_issuer_is_the_one_of_the_invitation() -> None:
    assert read(configuration(), "https://moodle.example.org/").issuer == (
        "https://moodle.example.org"
    )
    assert code_of(read, configuration(), "https://moodle.example.org/other") == (
        "INSCRIPTION-EMETTEUR"
    )


@given(json_values)
def test_any_document_is_read_or_refused_with_a_code(document: object) -> None:
    assert code_of(read, document).startswith("INSCRIPTION-")


@given(st.sampled_from([*ENDPOINTS, "issuer", rules.PLATFORM_CONFIGURATION]), json_values)
def test_any_value_of_a_configuration_is_read_or_refused(name: str, value: object) -> None:
    with suppress(RegistrationError):
        assert rules.host_and_port(read({**configuration(), name: value}).token_url) == HOST


# The answer of the LMS


def test_the_answer_of_a_real_moodle_is_read() -> None:
    for name in ("registration", "registration_update"):
        sample = moodle_sample(name)
        answer = sample.get("response") or sample["post_body"]
        assert rules.read_registration(answer) == rules.Registered("tJLItXEwOpJChHR", "2")


@pytest.mark.parametrize(
    ("answer", "deployment_id"),
    [
        ({"client_id": "a"}, None),
        ({"client_id": "a", "deployment_id": "7"}, "7"),
        ({"client_id": "a", rules.TOOL_CONFIGURATION: {"deployment_id": 7}}, "7"),
        ({"client_id": "a", rules.TOOL_CONFIGURATION: []}, None),
        ({"client_id": "a", rules.TOOL_CONFIGURATION: {"deployment_id": "x\x00"}}, None),
    ],
)
def test_the_deployment_may_come_later(answer: Json, deployment_id: str | None) -> None:
    assert rules.read_registration(answer) == rules.Registered("a", deployment_id)


_STRANGE: list[object] = [
    "\x00",
    "\ud800",
    True,
    None,
    [],
    1.5,
    10**20,
    "a\nb",
    "",
    " a",
    "a" * 256,
]
_USELESS: list[object] = [None, [], "x", {}, *({"client_id": value} for value in _STRANGE)]


@pytest.mark.parametrize("answer", _USELESS)
def test_without_a_client_id_nothing_is_registered(answer: object) -> None:
    assert code_of(rules.read_registration, answer) == "INSCRIPTION-REPONSE"


@given(json_values)
def test_any_answer_is_read_or_refused(answer: object) -> None:
    with suppress(RegistrationError):
        assert rules.read_registration(answer).client_id.isprintable()


# The refusals of the LMS

_WANTED = {
    "token reused": "INSCRIPTION-JETON",
    "no token": "INSCRIPTION-JETON",
    "garbage token": "INSCRIPTION-JETON",
    "truncated sig": "INSCRIPTION-JETON",
    "GET with used reg token": "INSCRIPTION-JETON",
}


@pytest.mark.parametrize(
    "case", moodle_sample("registration_errors"), ids=lambda case: case["case"]
)
def test_the_refusals_of_a_real_moodle_are_explained(case: Json) -> None:
    found = rules.explain_refusal(case["status"], case["body"])
    assert found.code == _WANTED.get(case["case"], "INSCRIPTION-REFUS")
    # Its code is quoted, its HTML pages are not.
    assert (case["body"] in found.message) == (not case["body"].startswith("<"))
    assert "<" not in found.message


@given(st.integers(100, 599), st.text(max_size=200))
def test_any_refusal_is_explained(status: int, body: str) -> None:
    found = rules.explain_refusal(status, body)
    assert found.code.startswith("INSCRIPTION-")
    assert "<" not in found.message


def test_a_platform_that_is_down_is_not_a_refusal() -> None:
    assert rules.explain_refusal(503, "").code == "INSCRIPTION-INJOIGNABLE"


# What we ask for


def test_relais_asks_for_what_it_uses_and_no_more() -> None:
    asked = rules.tool_registration(BASE)
    tool = asked[rules.TOOL_CONFIGURATION]
    assert {scope.rpartition("/")[2] for scope in asked["scope"].split()} == {
        "lineitem",
        "score",
        "result.readonly",
        "contextmembership.readonly",
    }
    assert tool["claims"] == ["iss", "sub", "name", "given_name", "family_name", "email"]
    assert [message["type"] for message in tool["messages"]] == [
        "LtiResourceLinkRequest",
        "LtiDeepLinkingRequest",
    ]
    assert "custom_parameters" not in tool
    assert "logo_uri" not in asked
    assert "contacts" not in asked


def test_what_moodle_refuses_without_is_there() -> None:
    """moodle/README.md, Dynamic Registration, point 5."""
    asked = rules.tool_registration("https://relais.example.org:8443")
    assert asked["response_types"] == ["id_token"]
    assert asked["application_type"] == "web"
    assert asked["token_endpoint_auth_method"] == "private_key_jwt"
    assert {"initiate_login_uri", "redirect_uris", "client_name", "jwks_uri"} <= asked.keys()
    tool = asked[rules.TOOL_CONFIGURATION]
    assert tool["domain"] == "relais.example.org:8443"
    assert tool["target_link_uri"] == "https://relais.example.org:8443/lti/launch"
    assert asked["redirect_uris"] == [tool["target_link_uri"]]


def fields() -> dict[str, MoodleField]:
    return {field.key: field for group in moodle_fields(BASE) for field in group.fields}


def test_by_hand_moodle_gets_the_same_as_by_registration() -> None:
    asked = rules.tool_registration(BASE)
    tool = asked[rules.TOOL_CONFIGURATION]
    typed = {name: field.value for name, field in fields().items() if field.typed}
    assert typed == {
        "name": asked["client_name"],
        "tool_url": tool["target_link_uri"],
        "description": tool["description"],
        "jwks_url": asked["jwks_uri"],
        "login_url": asked["initiate_login_uri"],
        "redirect_uris": asked["redirect_uris"][0],
        "content_url": tool["messages"][1]["target_link_uri"],
    }
