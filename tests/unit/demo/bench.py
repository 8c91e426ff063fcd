"""The bench Moodle of the samples, rebuilt inside the demonstration LMS.

The samples of `tests/fixtures/moodle` were captured on a Moodle with these people, this course and
these activities: with the same ones, the demonstration must send and answer the same things.
"""

import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lti_app.demo.models import (
    Activity,
    CompletionRule,
    Course,
    Enrolment,
    LineItem,
    Person,
    Role,
    SiteRole,
)
from lti_app.demo.models_tools import ToolType
from lti_app.demo.settings import DemoSettings

SAMPLES = Path(__file__).parents[2] / "fixtures" / "moodle"
BASE_URL = "http://moodle.localhost:8090"
TOOL_URL = "http://127.0.0.1:9001"
SERVICES = "/mod/lti/services.php"
CLIENT_ID = "OGFe34sZD8arEx3"

_TOOL_CUSTOM = """\
user_login=$User.username
user_id2=$User.id
groups=$Moodle.Person.userGroupIds
course_start=$CourseSection.timeFrame.begin
section_end=$CourseSection.timeFrame.end
ctx_history=$Context.id.history
ctx_sourced=$Context.sourcedId
summary=$Context.longDescription
rl_title=$ResourceLink.title
rl_desc=$ResourceLink.description
rl_id=$ResourceLink.id
person_src=$Person.sourcedId
tz=$Person.address.timezone
country=$Person.address.country
city=$Person.address.locality
phone=$Person.phone.primary
role=$Membership.role
lineitem=$LineItem.url
lineitems=$LineItems.url
scores=$Scores.url
results=$Results.url
nrps=$ToolProxyBinding.memberships.url
profile=$ToolConsumerProfile.url
profile_rl=$LtiLink.custom.url
ctx_custom=$ToolProxyBinding.custom.url
avail_start=$ResourceLink.available.startDateTime
sub_end=$ResourceLink.submission.endDateTime
locale=$Message.locale
unknown=$Truc.inconnu
actual_role=$User.scope.mentor
MixedCase Key=valeur
profile_field=$User.idnumber
institution=$User.org
"""
_PRIVATE_CUSTOM = "u=$User.username\nfull=$Person.name.full\nmail=$Person.email.primary\n"


def read_sample(name: str) -> Any:
    """A sample, with the tool's launch address moved to where Relais has it."""
    text = (SAMPLES / f"{name}.json").read_text(encoding="utf-8")
    return json.loads(text.replace(f"{TOOL_URL}/launch", f"{TOOL_URL}/lti/launch"))


def fill(session: Session, settings: DemoSettings) -> None:
    """The people, the course and the activities of the bench."""
    session.add_all(
        [
            Person(
                id=1, username="guest", given_name="Guest user", family_name=" ",
                email="root@localhost",
            ),
            Person(
                id=2, username="admin", given_name="Admin", family_name="User", lang="en",
                email="admin@ac-poitiers.fr", site_role=SiteRole.ADMIN,
            ),
            _person(3, "formateur1", "Élodie", "Lefèvre", "elodie.lefevre"),
            _person(
                4, "dane1", "Jean-Noël", "Guérin", "jean-noel.guerin", site_role=SiteRole.MANAGER
            ),
            _person(5, "referent1", "Zoé", "N'Guessan", "zoe.nguessan"),
            _person(6, "referent2", "François", "Le Goff", "francois.le-goff"),
            _person(7, "referent3", "Anaïs", "Bœuf-Hélène", "anais.boeuf-helene"),
            Course(id=1, shortname="MAG", fullname="M@gistere (banc de test)"),
            Course(
                id=2, shortname="RRUPN", fullname="Parcours RRUPN", idnumber="CRS-RRUPN-2026",
                summary="Référents ressources et usages pédagogiques numériques",
                starts_at=1794424101,
            ),
            ToolType(
                id="1", client_id=settings.client_id, custom=_TOOL_CUSTOM,
                name="Outil parcours (manuel)",
                deep_linking_url=f"{settings.tool_launch_url}/deep",
            ),
            ToolType(
                id="3", client_id=settings.client_id, custom=_PRIVATE_CUSTOM,
                shares_name=False, shares_email=False,
            ),
        ]
    )  # fmt: skip
    session.flush()
    session.add_all(
        Enrolment(course_id=2, person_id=person_id, role=role)
        for person_id, role in (
            (3, Role.EDITING_TEACHER), (4, Role.MANAGER), (5, Role.STUDENT), (6, Role.STUDENT),
            (7, Role.STUDENT),
        )
    )  # fmt: skip
    launch = settings.tool_launch_url
    passing = CompletionRule.PASS_GRADE
    session.add_all(
        [
            _activity(
                1, "Module 1 iframe", "module=m1\nniveau=$User.username", completion_rule=passing
            ),
            _activity(
                2, "Module 2 nouvelle fenêtre", "module=m2", completion_rule=CompletionRule.GRADE
            ),
            _activity(3, "Module 3 sans note", ""),
            _activity(4, "Module 4 URL propre", "", target_link_uri=f"{launch}?module=m4"),
            _activity(
                5, "Module privé", "", target_link_uri=f"{launch}/priv", tool_type_id="3"
            ),
        ]
    )  # fmt: skip
    session.flush()
    session.add_all(
        [
            _column(2, activity=1, label="Module 1 iframe", maximum=100, pass_score=50.0),
            _column(3, activity=2, label="Module 2 nouvelle fenêtre", maximum=20),
            _column(4, activity=4, label="Module 4 URL propre", maximum=10, resource_id=None),
        ]
    )


def _person(
    ident: int, username: str, given: str, family: str, mailbox: str, **more: Any
) -> Person:
    return Person(
        id=ident,
        username=username,
        given_name=given,
        family_name=family,
        email=f"{mailbox}@ac-poitiers.fr",
        idnumber=f"UID-{username}",
        city="Poitiers",
        country="FR",
        **more,
    )


def _activity(ident: int, name: str, custom: str, **more: Any) -> Activity:
    values: dict[str, Any] = {"tool_type_id": "1", **more}
    return Activity(
        id=ident,
        cmid=ident + 1,
        course_id=2,
        name=name,
        intro=f"Description de {name}",
        custom=custom,
        **values,
    )


def _column(ident: int, *, activity: int, label: str, maximum: float, **more: Any) -> LineItem:
    values: dict[str, Any] = {"resource_id": "", **more}
    return LineItem(
        id=ident,
        course_id=2,
        tool_type_id="1",
        activity_id=activity,
        coupled=True,
        label=label,
        score_maximum=maximum,
        **values,
    )


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form_id = ""
        self.action = ""
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self.form_id = values.get("id") or ""
            self.action = values.get("action") or ""
        if tag == "input" and values.get("type") == "hidden":
            self.fields[values.get("name") or ""] = values.get("value") or ""


def read_form(page: str) -> tuple[str, str, dict[str, str]]:
    """The id, the action and the hidden fields of the only form of a page."""
    parser = _Form()
    parser.feed(page)
    return parser.form_id, parser.action, parser.fields


def error_message(page: str) -> str | None:
    """What an error page says, or None."""
    found = re.search(r'id="error-message">(.*?)</div>', page, re.DOTALL)
    return html.unescape(found[1].strip()) if found else None
