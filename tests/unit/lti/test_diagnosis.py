"""The doctor's judgement: each fault gives its line, and nothing that anybody sends breaks it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_app.lti.rules.diagnosis import Facts, Finding, Level, Who, diagnose, has_errors, jwks
from lti_app.lti.rules.diagnosis.facts import (
    Answer,
    Obstacle,
    PlatformFacts,
    RefusalCount,
    RosterFacts,
    TokenFacts,
    ToolFacts,
    UsageFacts,
)
from lti_app.lti.rules.diagnosis.services import SERVICES
from lti_app.lti.rules.registration import SCOPES
from tests.factories import NOW
from tests.platform_double import private_key, public_jwk

OURS = "https://relais.example.org/lti/jwks"
THEIRS = "https://moodle.example.org/mod/lti/certs.php"
TOKENS = "https://moodle.example.org/mod/lti/token.php"
SAMPLES = Path(__file__).parents[2] / "fixtures" / "moodle" / "token.json"
STRONG = public_jwk(private_key())


def answered(url: str, document: object, **values: Any) -> Answer:
    usual = {
        "status": 200,
        "content_type": "application/json",
        "strict_transport": True,
        "clock_ahead": 0.2,
    }
    return Answer(url, document=document, body=json.dumps(document), **{**usual, **values})


def platform(**values: Any) -> PlatformFacts:
    usual: dict[str, Any] = {
        "name": "poitiers",
        "state": "active",
        "issuer": "https://moodle.example.org",
        "client_id": "client-1",
        "auth_url": "https://moodle.example.org/mod/lti/auth.php",
        "token_url": TOKENS,
        "jwks_url": THEIRS,
        "product_family": "moodle",
        "siblings": (),
        "deployments": {"active": ("1",)},
        "jwks": answered(THEIRS, {"keys": [STRONG]}),
    }
    return PlatformFacts(**{**usual, **values})


def tool(**values: Any) -> ToolFacts:
    usual: dict[str, Any] = {
        "base_url": "https://relais.example.org",
        "development": False,
        "trusted_proxies": 1,
        "kids": frozenset({"our-kid"}),
        "jwks": answered(OURS, {"keys": [{**STRONG, "kid": "our-kid"}]}),
    }
    return ToolFacts(**{**usual, **values})


def granted() -> tuple[TokenFacts, ...]:
    answer = answered(TOKENS, {"access_token": "x"})
    return tuple(TokenFacts(scope, None, answer=answer) for scope in SERVICES)


def refused(code: str, said: str = "", answer: Answer | None = None) -> tuple[TokenFacts, ...]:
    return tuple(TokenFacts(scope, code, said, answer) for scope in SERVICES)


USED = UsageFacts(
    last_launch_at=NOW,
    courses=2,
    courses_with_roster=2,
    people=10,
    named=10,
    with_email=10,
    with_sourcedid=10,
    scored_links=3,
    ags_scopes=frozenset({"https://purl.imsglobal.org/spec/lti-ags/scope/score"}),
)


def facts(**values: Any) -> Facts:
    usual: dict[str, Any] = {
        "now": NOW,
        "tool": tool(),
        "platform": platform(),
        "tokens": granted(),
        "roster": RosterFacts(None, 200, members=30, named=30, with_email=30),
        "usage": USED,
    }
    return Facts(**{**usual, **values})


def found(code: str, **values: Any) -> Finding:
    """The one finding of that code."""
    (finding,) = [each for each in diagnose(facts(**values)) if each.code == code]
    return finding


def test_a_good_registration_has_no_remark() -> None:
    findings = diagnose(facts())
    assert {finding.level for finding in findings} == {Level.OK}
    assert not has_errors(findings)
    assert all(finding.who == Who.NOBODY and not finding.action for finding in findings)


def test_each_scope_that_relais_registers_is_asked_for() -> None:
    assert set(SERVICES) == set(SCOPES)


class TestOurKeys:
    @pytest.mark.parametrize(
        ("answer", "level", "who", "words"),
        [
            (Answer(OURS, obstacle=Obstacle.NAME), Level.ERROR, Who.HOST, "DNS"),
            (Answer(OURS, obstacle=Obstacle.CERTIFICATE), Level.ERROR, Who.HOST, "certificat"),
            (Answer(OURS, obstacle=Obstacle.TIMEOUT), Level.ERROR, Who.HOST, "à temps"),
            (Answer(OURS, obstacle=Obstacle.FORBIDDEN), Level.WARNING, Who.LMS, "publique"),
            (Answer(OURS, status=502), Level.ERROR, Who.RELAIS, "HTTP 502"),
            (answered(OURS, None), Level.ERROR, Who.HOST, "Un portail"),
            (answered(OURS, {"keys": [STRONG]}), Level.ERROR, Who.RELAIS, "installation"),
        ],
    )
    def test_unread(self, answer: Answer, level: Level, who: Who, words: str) -> None:
        finding = found("CLES-RELAIS", tool=tool(jwks=answer))
        assert (finding.level, finding.who) == (level, who)
        assert words in finding.title + finding.meaning

    def test_an_old_cache(self) -> None:
        finding = found("CLES-RELAIS", tool=tool(kids=frozenset({"our-kid", "newer"})))
        assert (finding.level, finding.who) == (Level.WARNING, Who.HOST)

    def test_no_key_at_all(self) -> None:
        assert "relais key rotate" in found(
            "CLES-RELAIS-AUCUNE", tool=tool(kids=frozenset())
        ).action.replace("\u00a0", " ")

    def test_a_proxy_that_does_not_say_https(self) -> None:
        answer = replace(tool().jwks, strict_transport=False)
        finding = found("MANDATAIRE", tool=tool(jwks=answer))
        assert "X-Forwarded-Proto" in finding.action
        assert "RELAIS_TRUSTED_PROXIES=1" in finding.meaning

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"base_url": "https://localhost"}, "ADRESSE"),
            ({"base_url": "https://relais.example.org:8443"}, "ADRESSE-PORT"),
            ({"base_url": "http://localhost:8000", "development": True}, "ADRESSE"),
        ],
    )
    def test_an_address_that_moodle_would_not_call(self, values: dict[str, Any], code: str) -> None:
        assert found(code, tool=tool(**values)).level != Level.OK


class TestTheirKeys:
    @pytest.mark.parametrize(
        ("answer", "who"),
        [
            (Answer(THEIRS, obstacle=Obstacle.UNREACHABLE), Who.LMS),
            (Answer(THEIRS, status=404, content_type="text/html"), Who.RELAIS),
            (answered(THEIRS, {"keys": []}), Who.RELAIS),
            (answered(THEIRS, {"keys": [{"kty": "oct", "kid": "x"}]}), Who.RELAIS),
        ],
    )
    def test_unusable(self, answer: Answer, who: Who) -> None:
        finding = found("CLES-PLATEFORME", platform=platform(jwks=answer))
        assert (finding.level, finding.who) == (Level.ERROR, who)

    def test_a_short_key(self) -> None:
        short = {**STRONG, "n": "AQAB" * 32}
        finding = found(
            "CLES-PLATEFORME-FAIBLE",
            platform=platform(jwks=answered(THEIRS, {"keys": [STRONG, short]})),
        )
        assert "bits" in finding.meaning

    def test_a_private_key_in_public(self) -> None:
        leaked = {**STRONG, "kid": "leaked", "d": "AQAB"}
        finding = found(
            "CLES-PLATEFORME-PRIVEE",
            platform=platform(jwks=answered(THEIRS, {"keys": [STRONG, leaked]})),
        )
        assert (finding.level, finding.who) == (Level.ERROR, Who.LMS)

    def test_keys_of_other_kinds_do_no_harm(self) -> None:
        other = {"kty": "OKP", "kid": "x"}
        finding = found(
            "CLES-PLATEFORME-AUTRES",
            platform=platform(jwks=answered(THEIRS, {"keys": [STRONG, other]})),
        )
        assert finding.level == Level.OK

    def test_addresses(self) -> None:
        plain = platform(token_url="http://moodle.example.org/mod/lti/token.php")
        assert found("PLATEFORME-HTTPS", platform=plain).level == Level.ERROR
        slash = platform(issuer="https://moodle.example.org/")
        assert found("PLATEFORME-ISSUER", platform=slash).who == Who.RELAIS


def moodle_says(case: str) -> tuple[str, Answer]:
    """What the real Moodle answered in that case: its words, and the answer."""
    (sample,) = [each for each in json.loads(SAMPLES.read_text()) if each["case"] == case]
    body = sample["body"]
    answer = Answer(
        TOKENS, status=sample["status"], content_type=sample["content_type"], clock_ahead=0.0
    )
    return (body["error"] if isinstance(body, dict) else " ".join(body.split())), answer


class TestTokens:
    @pytest.mark.parametrize(
        ("case", "who", "words"),
        [
            ("unknown kid", Who.LMS, "curlsecurityblockedhosts"),
            ("unknown key same kid", Who.LMS, "relais key pem"),
            ("unknown sub", Who.RELAIS, "Identifiant de client"),
            ("expired assertion", Who.LMS, "NTP"),
            ("iat 30 s in the future", Who.LMS, "NTP"),
            ("JSON body", Who.LMS, "POST"),
        ],
    )
    def test_the_words_of_a_real_moodle(self, case: str, who: Who, words: str) -> None:
        said, answer = moodle_says(case)
        finding = found("JETON", tokens=refused("client_refused", said, answer))
        assert (finding.level, finding.who) == (Level.ERROR, who)
        assert words in finding.action.replace("\u00a0", " ")
        assert said in finding.meaning

    def test_a_moodle_that_cannot_read_our_keys_answers_an_html_404(self) -> None:
        answer = Answer(TOKENS, status=404, content_type="text/html; charset=utf-8")
        tokens = refused("token_url_wrong", "", answer)
        assert "curlsecurityblockedhosts" in found("JETON", tokens=tokens).action
        other = platform(product_family="canvas", token_url="https://canvas.example/token")
        assert found("JETON", tokens=tokens, platform=other).who == Who.RELAIS

    @pytest.mark.parametrize(
        ("answer", "who"),
        [
            (None, Who.LMS),
            (Answer(TOKENS, obstacle=Obstacle.TIMEOUT), Who.LMS),
            (Answer(TOKENS, status=302), Who.RELAIS),
            (Answer(TOKENS, status=403), Who.LMS),
            (Answer(TOKENS, status=503), Who.LMS),
        ],
    )
    def test_other_answers(self, answer: Answer | None, who: Who) -> None:
        assert found("JETON", tokens=refused("unavailable", "", answer)).who == who

    def test_without_a_key_of_ours(self) -> None:
        assert found("JETON", tokens=refused("tool_key_missing")).who == Who.RELAIS

    @pytest.mark.parametrize("scope", SERVICES)
    def test_a_scope_refused_names_the_service_to_open(self, scope: str) -> None:
        tokens = tuple(
            replace(token, refusal="scope_refused") if token.scope == scope else token
            for token in granted()
        )
        finding = found(f"JETON-{SERVICES[scope].code}", tokens=tokens)
        assert (finding.level, finding.who) == (Level.ERROR, Who.LMS)
        wanted = "Names and Role" if "nrps" in scope else "Assignment and Grade"
        assert wanted in finding.action
        assert len([f for f in diagnose(facts(tokens=tokens)) if f.level == Level.ERROR]) == 1


class TestClocks:
    @pytest.mark.parametrize(
        ("ahead", "level", "words"),
        [
            (4.9, Level.OK, "s’accordent"),
            (-5.1, Level.WARNING, "retarde de 5,1 s"),
            (60.0, Level.WARNING, "avance de 60,0 s"),
            (60.5, Level.ERROR, "avance de 60,5 s"),
        ],
    )
    def test_by_the_date_of_their_answers(self, ahead: float, level: Level, words: str) -> None:
        answer = answered(TOKENS, {}, clock_ahead=ahead)
        tokens = tuple(TokenFacts(scope, None, answer=answer) for scope in SERVICES)
        finding = found("HORLOGE", tokens=tokens)
        assert finding.level == level
        assert words in finding.title

    def test_by_the_date_of_a_token(self) -> None:
        tokens = (replace(granted()[0], issued_ahead=-90.0), *granted()[1:])
        assert found("HORLOGE", tokens=tokens).level == Level.ERROR

    def test_undated(self) -> None:
        undated = platform(jwks=answered(THEIRS, {"keys": [STRONG]}, clock_ahead=None))
        assert found("HORLOGE", platform=undated, tokens=()).level == Level.WARNING


class TestUsage:
    @pytest.mark.parametrize(
        ("values", "code", "level", "who"),
        [
            ({"last_launch_at": None}, "LANCEMENT", Level.WARNING, Who.TRAINER),
            ({"named": 0}, "NOMS", Level.WARNING, Who.LMS),
            ({"with_email": 0}, "COURRIELS", Level.OK, Who.NOBODY),
            ({"links_without_column": 2}, "COLONNE", Level.WARNING, Who.TRAINER),
            (
                {"links_without_column": 2, "links_to_complete": 2},
                "COLONNE-A-VENIR",
                Level.OK,
                Who.NOBODY,
            ),
            ({"ags_scopes": frozenset()}, "NOTES-LANCEMENT", Level.ERROR, Who.LMS),
            ({"courses_with_roster": 1}, "PARTICIPANTS-ADRESSE", Level.WARNING, Who.LMS),
            ({"grades_waiting": 3}, "NOTES-ATTENTE", Level.WARNING, Who.RELAIS),
            (
                {"grades_refused": 1, "grade_problems": (("sans colonne", 1),)},
                "NOTES-REFUSEES",
                Level.ERROR,
                Who.RELAIS,
            ),
        ],
    )
    def test_what_the_launches_show(
        self, values: dict[str, Any], code: str, level: Level, who: Who
    ) -> None:
        finding = found(code, usage=replace(USED, **values))
        assert (finding.level, finding.who) == (level, who)

    def test_refused_launches_are_explained_by_their_code(self) -> None:
        usage = replace(USED, refusals=(RefusalCount("LTI-HORLOGE", 7, "LTI-HORLOGE-AB12"),))
        finding = found("REFUS-LTI-HORLOGE", usage=usage)
        assert "7 lancements refusés" in finding.title
        assert "LTI-HORLOGE-AB12" in finding.meaning
        assert "NTP" in finding.action

    @pytest.mark.parametrize(("state", "word"), [("pending", "attend"), ("inactive", "fermée")])
    def test_a_platform_that_is_not_open(self, state: str, word: str) -> None:
        finding = found("ETAT", platform=platform(state=state))
        assert finding.level == Level.ERROR
        assert word in finding.title

    def test_deployments(self) -> None:
        held = platform(deployments={"active": ("1",), "pending": ("7", "8")})
        assert "7, 8" in found("DEPLOIEMENT-ATTENTE", platform=held).meaning
        none = platform(deployments={"inactive": ("1",)})
        assert found("DEPLOIEMENT", platform=none).level == Level.ERROR

    def test_other_clients_of_the_issuer(self) -> None:
        assert "vieux" in found("CLIENTS", platform=platform(siblings=("vieux",))).meaning

    def test_a_roster_that_does_not_read(self) -> None:
        finding = found("PARTICIPANTS", roster=RosterFacts("silence", 403))
        assert finding.level == Level.ERROR
        assert "HTTP 403" in finding.meaning


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
JSON_VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(), SCALARS)
A_KEY = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("kty", "kid", "alg", "n", "e", "d", "use"), SCALARS),
)
JWKS = st.lists(A_KEY | SCALARS, max_size=4).map(lambda keys: {"keys": keys})
ANSWERS = st.builds(
    Answer,
    url=st.just(THEIRS),
    obstacle=st.none() | st.sampled_from(Obstacle),
    detail=st.text(max_size=20),
    status=st.none() | st.integers(100, 999),
    content_type=st.text(max_size=30),
    body=st.text(max_size=30),
    document=JSON_VALUES
    | st.builds(lambda keys: {"keys": keys}, st.lists(A_KEY | SCALARS, max_size=4)),
    strict_transport=st.booleans(),
    clock_ahead=st.none() | st.floats(-1e9, 1e9),
)
COUNTS = st.integers(0, 10_000)


class TestWhateverIsMeasured:
    @given(document=JSON_VALUES | JWKS)
    def test_any_document_is_read_as_keys(self, document: object) -> None:
        for key in jwks.read(document):
            assert key.described
            assert not (key.is_usable and key.is_private)

    @settings(max_examples=60)
    @given(
        ours=ANSWERS,
        theirs=ANSWERS,
        tokens=st.lists(
            st.builds(
                TokenFacts,
                scope=st.sampled_from(list(SERVICES)),
                refusal=st.none()
                | st.sampled_from(
                    ["scope_refused", "client_refused", "timeout", "token_url_wrong"]
                ),
                said=st.text(max_size=40),
                answer=st.none() | ANSWERS,
                issued_ahead=st.none() | st.floats(-1e9, 1e9),
            ),
            max_size=3,
        ).map(tuple),
        usage=st.builds(
            UsageFacts,
            last_launch_at=st.none() | st.just(NOW),
            courses=COUNTS,
            courses_with_roster=COUNTS,
            people=COUNTS,
            named=COUNTS,
            scored_links=COUNTS,
            links_without_column=COUNTS,
            links_to_complete=COUNTS,
            refusals=st.lists(
                st.builds(RefusalCount, st.text(max_size=20), COUNTS, st.text(max_size=20)),
                max_size=3,
            ).map(tuple),
            grades_waiting=COUNTS,
            grades_refused=COUNTS,
        ),
        state=st.sampled_from(["active", "inactive", "pending"]),
    )
    def test_every_line_says_what_it_means_and_who_acts(
        self,
        ours: Answer,
        theirs: Answer,
        tokens: tuple[TokenFacts, ...],
        usage: UsageFacts,
        state: str,
    ) -> None:
        measured = facts(
            tool=tool(jwks=ours),
            platform=platform(jwks=theirs, state=state),
            tokens=tokens,
            usage=usage,
        )
        findings = diagnose(measured)
        json.dumps([each.as_json() for each in findings], ensure_ascii=False).encode()
        for finding in findings:
            assert finding.title
            assert finding.meaning
            needs_somebody = finding.level != Level.OK
            assert bool(finding.action) == needs_somebody
            assert bool(finding.who) == needs_somebody
            assert finding.as_json()["level"] == finding.level
        assert has_errors(findings) == any(f.level == Level.ERROR for f in findings)
        # A registration that cannot serve is never said to be well.
        if state != "active":
            assert has_errors(findings)
