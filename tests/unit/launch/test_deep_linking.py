"""Choosing contents inside the LMS: pages, refusals, and the answer that goes back."""

import json
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import jwt
import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from lti_app.core.secrecy import SecretBox
from lti_app.lti.models import Deployment, Platform, PlatformState, ToolKey
from lti_app.lti.rules import claims as claim
from lti_app.lti.rules.deep_linking import CONTENT_ITEMS, DATA
from lti_app.people.models import Person, Role, RoleOverride
from tests import factories
from tests.conftest import SECRET_KEY
from tests.factories import NOW
from tests.platform_double import BASE_URL, Json, PlatformDouble
from tests.unit.launch.conftest import INSTRUCTOR, LEARNER, Ask, Press
from tests.unit.practice.page import Page, read

SAMPLES = Path(__file__).parents[2] / "fixtures" / "moodle"

pytestmark = pytest.mark.usefixtures("courses")


def answer(page: Page, client: FlaskClient, platform: PlatformDouble) -> Json:
    """What the page posts to the platform, verified as the platform would, with our JWKS."""
    token = page.hidden("JWT")["JWT"]
    keys = jwt.PyJWKSet.from_dict(client.get("/lti/jwks").get_json())
    claims: Json = jwt.decode(
        token,
        keys[jwt.get_unverified_header(token)["kid"]].key,
        algorithms=["RS256"],
        audience=platform.row.issuer,
        issuer=platform.row.client_id,
        options={"require": ["exp", "iat", "iss", "aud", "nonce"]},
    )
    return claims


def code(page: Page) -> str:
    return read(page.one("code")).rsplit("-", 1)[0]


# The pages


def test_the_trainer_sees_what_each_content_holds_and_lasts(ask: Ask) -> None:
    page = ask()

    assert page.status == 200
    assert [box.get("value") for box in page.all("input", type="checkbox")] == [
        "petit", "second", "path", "review",
    ]  # fmt: skip
    first, second, path, review = (read(card) for card in page.all("div", class_="r-choice"))
    assert "Un petit module Pour les essais. 10 min environ 1 étape 6 questions" in first
    assert "Expliquer une chose" in first
    assert "Second module & fin" in second
    assert "20 min environ 2 étapes 12 questions Note sur 100" in path
    assert "Sans note" in review
    assert not page.all("input", checked="")


def test_one_content_only_where_the_platform_takes_one(ask: Ask, press: Press) -> None:
    page = ask(accept_multiple=False)

    assert len(page.all("input", type="radio")) == 4
    assert not page.all("input", type="checkbox")
    both = press(page, "verifier", "petit", "second")
    assert "choisissez un seul contenu" in both.main
    assert "activité sera ajoutée" in press(page, "verifier", "petit").main


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ((), "Choisissez au moins un contenu"),
        (("nothing",), "n’est plus proposé"),
        (("petit", "<script>"), "n’est plus proposé"),
        (("petit\x00",), "n’est plus proposé"),
        (("\ud800",), "n’est plus proposé"),
        (("x" * 5000,), "n’est plus proposé"),
    ],
)
@pytest.mark.parametrize("action", ["verifier", "ajouter"])
def test_a_choice_that_cannot_be_is_asked_again(
    ask: Ask, press: Press, choice: tuple[str, ...], words: str, action: str
) -> None:
    page = press(ask(), action, *(each.encode("utf-8", "replace").decode() for each in choice))

    assert page.status == 200
    assert page.title.startswith("Erreur")
    assert words in read(page.one("div", id="erreurs"))
    ticked = [box.get("value") for box in page.all("input", type="checkbox", checked="")]
    assert ticked == (["petit"] if "petit" in choice else [])


def test_the_one_thing_left_to_do_in_moodle(ask: Ask, press: Press) -> None:
    one = press(ask(), "verifier", "petit")
    several = press(ask(), "verifier", "petit", "second", "review")

    for page in (one, several):
        assert "« Achèvement d’activité »" in page.main
        assert "« Recevoir une note »" in page.main
        assert "80 sur 100" in page.main
    assert "Avant de l’enregistrer" in one.main
    assert "« Paramètres »" in several.main


def test_nothing_is_said_of_grades_where_there_are_none(ask: Ask, press: Press) -> None:
    review = press(ask(), "verifier", "review")
    ungraded = press(ask(accept_lineitem=False), "verifier", "petit")

    for page in (review, ungraded):
        assert "Recevoir une note" not in page.main
        assert "« Afficher l’activité »" in page.main


def test_an_unknown_platform_is_not_told_of_moodle(ask: Ask, press: Press) -> None:
    page = press(ask({claim.TOOL_PLATFORM: None}), "verifier", "petit")

    assert "note a été reçue" in page.main
    assert "Moodle" not in page.main


def test_the_choice_can_be_changed(ask: Ask, press: Press) -> None:
    checked = press(ask(), "verifier", "petit", "review")
    again = press(checked, "modifier", "petit", "review")

    ticked = [box.get("value") for box in again.all("input", type="checkbox", checked="")]
    assert ticked == ["petit", "review"]
    assert "erreurs" not in again.ids()


def test_nobody_is_remembered_and_no_cookie_is_set(
    ask: Ask, press: Press, session: Session, client: FlaskClient
) -> None:
    page = press(ask(), "ajouter", "petit")

    assert page.status == 200
    assert session.query(Person).count() == 0
    assert client.get_cookie("__Host-relais") is None


def test_without_a_module_there_is_only_the_way_back(
    ask: Ask, press: Press, session: Session, client: FlaskClient, platform: PlatformDouble
) -> None:
    from lti_app.content.models import ContentRelease

    session.query(ContentRelease).delete()
    session.commit()
    page = ask()

    assert "Aucun contenu" in page.main
    assert answer(press(page, "annuler"), client, platform)[CONTENT_ITEMS] == []


# The answer (certification guide §6.2)


def test_the_answer_goes_back_signed(
    ask: Ask, press: Press, client: FlaskClient, platform: PlatformDouble
) -> None:
    """Response posted; iat and exp valid; our kid in our JWKS; required claims."""
    page = press(ask(), "ajouter", "second", "petit", "review", "path")

    claims = answer(page, client, platform)
    assert claims[claim.MESSAGE_TYPE] == "LtiDeepLinkingResponse"
    assert claims[claim.VERSION] == "1.3.0"
    assert claims[claim.DEPLOYMENT_ID] == platform.deployment.deployment_id
    assert claims["iat"] <= time.time() < claims["exp"] <= time.time() + 300
    assert DATA not in claims
    found = {item["title"]: item for item in claims[CONTENT_ITEMS]}
    assert list(found) == [
        "Un petit module", "Second module & fin", "Parcours complet", "Séance de révision",
    ]  # fmt: skip
    assert {item["type"] for item in found.values()} == {"ltiResourceLink"}
    assert [item["custom"] for item in found.values()] == [
        {"module": "petit"}, {"module": "second"}, {"target": "path"}, {"target": "review"},
    ]  # fmt: skip
    columns = [item.get("lineItem", {}).get("resourceId") for item in found.values()]
    assert columns == ["petit", "second", "path", None]


def test_each_answer_has_its_own_nonce(
    ask: Ask, press: Press, client: FlaskClient, platform: PlatformDouble
) -> None:
    """The page may be left by « back » and sent again: the platform tells the answers apart."""
    page = ask()
    nonces = {answer(press(page, "ajouter", "petit"), client, platform)["nonce"] for _ in range(3)}
    assert len(nonces) == 3


@pytest.mark.parametrize("data", ["csrftoken:c7fbba78", "", '"><script>', "é" * 6000])
def test_data_is_echoed(
    ask: Ask, press: Press, client: FlaskClient, platform: PlatformDouble, data: str
) -> None:
    """data echoed iff sent."""
    page = press(ask(data=data), "ajouter", "petit")
    assert answer(page, client, platform)[DATA] == data


def test_cancelling_sends_nothing(
    ask: Ask, press: Press, client: FlaskClient, platform: PlatformDouble
) -> None:
    page = press(ask(), "annuler", "petit")
    assert answer(page, client, platform)[CONTENT_ITEMS] == []
    assert "Rien n’a été choisi" in page.main


@pytest.mark.parametrize("platform_claim", [None, {"product_family_code": "canvas"}])
def test_other_platforms_get_our_launch_url(
    ask: Ask,
    press: Press,
    client: FlaskClient,
    platform: PlatformDouble,
    platform_claim: Json | None,
) -> None:
    page = press(ask({claim.TOOL_PLATFORM: platform_claim}), "ajouter", "petit")
    (item,) = answer(page, client, platform)[CONTENT_ITEMS]
    assert item["url"] == f"{BASE_URL}/lti/launch"


def test_the_returned_link_opens_its_module_and_so_does_its_copy(
    ask: Ask, press: Press, client: FlaskClient, platform: PlatformDouble
) -> None:
    """Then launch of the returned link. A course copy has another resource link, same custom."""
    page = press(ask(), "ajouter", "second")
    (item,) = answer(page, client, platform)[CONTENT_ITEMS]

    for link_id, context_id in (("7", "2"), ("8", "3")):
        launched = platform.launch(
            client,
            **{
                claim.RESOURCE_LINK: {"id": link_id, "title": item["title"]},
                claim.CONTEXT: {"id": context_id, "title": "Copie"},
                claim.CUSTOM: item["custom"],
            },
        )
        assert launched.status_code == 303
        assert urlsplit(launched.location).path.endswith("/module/second/")
        assert client.get(launched.location).status_code == 200


def test_the_page_posts_to_that_platform_only(
    ask: Ask, press: Press, platform: PlatformDouble, client: FlaskClient
) -> None:
    chosen = ask()
    response = client.post(
        "/lti/contents",
        data={"action": "ajouter", "choice": "petit", **chosen.hidden("token")},
    )
    policy = response.headers["Content-Security-Policy"]

    assert f"form-action 'self' {platform.row.issuer};" in policy
    assert "frame-ancestors 'self' " + platform.row.issuer in policy
    form = Page(response).one("form")
    assert form.get("action", "").startswith(f"{platform.row.issuer}/mod/lti/")
    assert {each.get("name") for each in form.iter("input")} == {"JWT"}  # no CSRF token of ours
    assert response.headers["Cache-Control"] == "no-store"
    other = client.get("/lti/donnees-personnelles").headers["Content-Security-Policy"]
    assert "form-action 'self';" in other


def test_quotes_in_the_return_address_stay_in_their_attribute(
    ask: Ask, press: Press, platform: PlatformDouble
) -> None:
    url = f"""{platform.row.issuer}/r?a="onfocus="alert(1)"&b='><script>alert(1)</script>"""
    page = press(ask(deep_link_return_url=url), "ajouter", "petit")

    assert page.one("form").get("action") == url
    assert "<script>alert" not in page.text


# What is refused


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)//https://moodle.example.org",
        "data:text/html,x",
        "//{host}/return",
        "http://{host}/return",
        "https://evil.example.org/return",
        "https://{host}.evil.example.org/return",
        "https://{host}:8443/return",
        "https://{host}@evil.example.org/return",
        "https://evil.example.org@{host}/return",
        "https://evil.example.org\\@{host}/return",
        "https://{host}\\.evil.example.org/return",
        "https://{host}/ret\nurn",
        "https:///return",
        "https://[::1/return",
        "",
        None,
        7,
        ["https://{host}/return"],
        "https://{host}/" + "x" * 3000,
    ],
)
def test_a_return_address_elsewhere_is_refused(
    ask: Ask, platform: PlatformDouble, url: object
) -> None:
    host = urlsplit(platform.row.issuer).netloc
    page = ask(deep_link_return_url=url.format(host=host) if isinstance(url, str) else url)

    assert page.status == 400
    assert code(page) in {"LTI-SELECTION-RETOUR", "LTI-SELECTION", "LTI-FORMAT"}
    assert "evil" not in page.text


@pytest.mark.parametrize("settings", [None, "x", [], 3])
def test_unusable_settings_are_refused(ask: Ask, settings: object) -> None:
    page = ask({claim.DEEP_LINKING: settings})
    assert (page.status, code(page)) == (400, "LTI-SELECTION")


@pytest.mark.parametrize("types", [["link", "html"], [], None])
def test_what_relais_does_not_have_is_said(ask: Ask, types: list[str] | None) -> None:
    page = ask(accept_types=types)
    assert (page.status, code(page)) == (400, "LTI-SELECTION-TYPE")


@pytest.mark.parametrize("roles", [[LEARNER], [], ["http://evil/membership#Instructor"]])
def test_a_learner_is_told_why(ask: Ask, roles: list[str]) -> None:
    page = ask({claim.ROLES: roles})
    assert (page.status, code(page)) == (403, "LTI-SELECTION-ROLE")


@pytest.mark.parametrize(
    ("received", "means", "status"),
    [(LEARNER, Role.TRAINER, 200), (INSTRUCTOR, Role.LEARNER, 403)],
)
def test_the_administrator_decides_what_a_role_means(
    ask: Ask, session: Session, platform: PlatformDouble, received: str, means: Role, status: int
) -> None:
    session.add(
        RoleOverride(platform_id=platform.row.id, lms_role=received, role=means, created_at=NOW)
    )
    session.commit()
    assert ask({claim.ROLES: [received]}).status == status


def test_a_selection_lasts_half_an_hour(ask: Ask, press: Press) -> None:
    page = ask()
    with time_machine.travel(time.time() + 29 * 60):
        assert press(page, "ajouter", "petit").status == 200
    with time_machine.travel(time.time() + 31 * 60):
        late = press(page, "ajouter", "petit")
    assert (late.status, code(late)) == (400, "LTI-SELECTION-FIN")


def test_a_tampered_token_is_refused(ask: Ask, press: Press) -> None:
    page = ask()
    token = page.hidden("token")["token"]
    other = SecretBox(SECRET_KEY, "held-launch").seal(json.dumps({"until": 1e12}))
    for bad in ("", "x", token[:-4], "A" + token[1:], token + "é", "x" * 200_000, other):
        refused = press(page, "ajouter", "petit", token=bad)
        assert (refused.status, code(refused)) == (400, "LTI-SELECTION-FIN"), bad[:20]


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example.org"}]
)
def test_another_site_cannot_press_the_button(
    ask: Ask, client: FlaskClient, headers: dict[str, str]
) -> None:
    data = {"action": "ajouter", "choice": "petit", **ask().hidden("token")}
    page = Page(client.post("/lti/contents", data=data, headers=headers))
    assert (page.status, code(page)) == (400, "LTI-SELECTION-FIN")


@pytest.mark.parametrize("model", [Platform, Deployment])
def test_what_was_closed_meanwhile_is_closed(
    ask: Ask,
    press: Press,
    session: Session,
    platform: PlatformDouble,
    model: type[Platform] | type[Deployment],
) -> None:
    page = ask()
    row = platform.row if model is Platform else platform.deployment
    session.merge(row).state = PlatformState.INACTIVE
    session.commit()

    assert press(page, "ajouter", "petit").status == 403


def test_a_suspended_person_chooses_nothing(
    ask: Ask, press: Press, session: Session, platform: PlatformDouble
) -> None:
    """Nothing of them is shown, but refused is refused: by this door too, at the next request."""
    person = factories.PersonFactory()
    factories.IdentityFactory(person=person, issuer=platform.row.issuer, sub="42")
    session.commit()
    page = ask({"sub": "42"})
    assert page.status == 200
    person.suspended_at = NOW
    session.commit()

    for refused in (press(page, "ajouter", "petit"), ask({"sub": "42"})):
        assert (refused.status, code(refused)) == (403, "COMPTE-SUSPENDU")
    assert ask({"sub": "43"}).status == 200


def test_without_a_key_nothing_is_sent(ask: Ask, press: Press, session: Session) -> None:
    page = ask()
    session.query(ToolKey).delete()
    session.commit()
    refused = press(page, "ajouter", "petit")
    assert (refused.status, code(refused)) == (400, "LTI-CLE-RELAIS")


def test_the_address_is_not_visited(client: FlaskClient) -> None:
    assert client.get("/lti/contents").status_code == 405


def test_the_sesskey_is_nowhere_in_the_logs(
    ask: Ask, press: Press, capfd: pytest.CaptureFixture[str]
) -> None:
    page = press(ask(), "ajouter", "petit")
    ask(deep_link_return_url="https://evil.example.org/?sesskey=aBcDeFgHiJ")

    assert "sesskey=aBcDeFgHiJ" in page.text
    written = capfd.readouterr()
    assert "aBcDeFgHiJ" not in written.out + written.err
    # Nor in the token of the page, for who reads over a shoulder.
    assert "aBcDeFgHiJ" not in ask().text


# What a real Moodle sent


@pytest.mark.parametrize("name", ["launch__dl_single", "launch__dl_multiple"])
def test_the_captured_requests_are_answered(
    name: str,
    session: Session,
    client: FlaskClient,
    platform: PlatformDouble,
    press: Press,
) -> None:
    text = (SAMPLES / f"{name}.json").read_text(encoding="utf-8")
    claims: Json = json.loads(
        text.replace("http://127.0.0.1:9001", BASE_URL)
        # The captured Moodle spoke http; a production Relais answers over https only.
        .replace("http://moodle.localhost:8090", "https://moodle.localhost")
    )["claims"]
    row = session.merge(platform.row)
    row.issuer, row.client_id = claims["iss"], claims["aud"]
    platform.row = row
    platform.deployment = session.merge(platform.deployment)
    platform.deployment.deployment_id = claims[claim.DEPLOYMENT_ID]
    session.commit()
    begun = platform.begin(client)
    moment = int(time.time())
    sent = {**claims, "nonce": begun.nonce, "iat": moment, "exp": moment + 60}
    page = Page(platform.answer(begun, sent))

    assert page.status == 200
    done = press(page, "ajouter", "petit", "review")
    signed = answer(done, client, platform)
    assert [item["custom"] for item in signed[CONTENT_ITEMS]] == [
        {"module": "petit"},
        {"target": "review"},
    ]
    assert not any("url" in item for item in signed[CONTENT_ITEMS])
    asked = claims[claim.DEEP_LINKING]["deep_link_return_url"]
    assert done.one("form").get("action") == asked


def test_the_answer_is_dated_before_it_is_sent(
    ask: Ask, press: Press, client: FlaskClient, platform: PlatformDouble
) -> None:
    """A platform whose clock is a little late must not find it in its future."""
    claims = answer(press(ask(), "ajouter", "petit"), client, platform)
    assert claims["iat"] <= time.time() - timedelta(seconds=25).total_seconds()
