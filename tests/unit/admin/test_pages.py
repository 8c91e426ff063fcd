"""Every page of administration, empty and full: valid HTML, hostile claims shown as text."""

import pytest
from sqlalchemy.orm import Session

from lti_app.core import clock
from lti_app.grading.models import OwedGrade
from lti_app.grading.rules import GradeState, Problem
from lti_app.lti.models import PlatformState
from lti_app.lti.services.refusals import record_refusal
from lti_app.people.administration import record_audit
from lti_app.roster.models import RosterSync
from tests import factories
from tests.unit.admin.conftest import Desk

SCRIPT = "<script>alert('x')</script>"
LISTS = ("/", "/plateformes/", "/personnes/", "/acces-refuses/", "/notes/", "/journal/")


@pytest.mark.parametrize("path", LISTS)
def test_an_empty_service_has_pages(desk: Desk, path: str) -> None:
    page = desk.open(path)
    assert page.one("h1") is not None


def hostile_world(session: Session) -> dict[str, int]:
    """A service whose every text comes from an LMS that tries to inject; ids by what they are."""
    now = clock.now()
    platform = factories.PlatformFactory(
        name=f"nom {SCRIPT}",
        issuer=f"https://lms.example.org/{SCRIPT}",
        client_id=SCRIPT,
        product_family=SCRIPT,
        state=PlatformState.PENDING,
    )
    deployment = factories.DeploymentFactory(
        platform=platform, deployment_id=SCRIPT, state=PlatformState.PENDING, first_seen_at=now
    )
    person = factories.PersonFactory(name=SCRIPT, email=f"{SCRIPT}@example.org")
    course = factories.CourseFactory(platform=platform, title=SCRIPT, memberships_url="https://x")
    identity = factories.IdentityFactory(
        person=person, issuer=platform.issuer, sub=SCRIPT, sourcedid=SCRIPT
    )
    factories.EnrolmentFactory(
        course=course, person=person, identity=identity, lms_roles=[SCRIPT, f"x#{SCRIPT}"]
    )
    link = factories.ResourceLinkFactory(course=course, title=SCRIPT)
    session.add(
        OwedGrade(
            resource_link_id=link.id,
            person_id=person.id,
            identity_id=identity.id,
            score=80,
            completed=True,
            state=GradeState.REFUSED,
            problem=Problem.REJECTED,
            next_attempt_at=now,
            owed_at=now,
        )
    )
    session.add(RosterSync(course_id=course.id, attempted_at=now, problem=SCRIPT, detail=SCRIPT))
    record_refusal(
        session, code="LTI-CLE", platform_id=platform.id, quote=SCRIPT, detail=SCRIPT, now=now
    )
    record_refusal(session, code=SCRIPT, platform_id=None, quote="q", detail="d", now=now)
    record_audit(
        session, actor_id=person.id, action=SCRIPT, subject=SCRIPT, detail={SCRIPT: SCRIPT}, now=now
    )
    for subject in (f"person {person.id}", f"platform {platform.id}"):
        record_audit(
            session, actor_id=None, action="x", subject=subject, detail={"y": SCRIPT}, now=now
        )
    session.commit()
    return {"platform": platform.id, "person": person.id, "deployment": deployment.id}


PAGES = (
    *LISTS,
    "/plateformes/{platform}/",
    "/plateformes/{platform}/ouvrir",
    "/plateformes/{platform}/fermer",
    "/plateformes/{platform}/deploiements/{deployment}/ouvrir",
    "/plateformes/{platform}/deploiements/{deployment}/fermer",
    "/personnes/{person}/",
    "/personnes/{person}/suspendre",
    "/personnes/{person}/retablir",
    "/personnes/{person}/nommer",
    "/personnes/{person}/revoquer",
    "/notes/renvoyer",
)


@pytest.mark.parametrize("path", PAGES)
def test_what_an_lms_says_is_text(desk: Desk, session: Session, path: str) -> None:
    page = desk.open(path.format(**hostile_world(session)))
    sources = {script.get("src", "").partition("?")[0] for script in page.all("script")}
    assert all(source.startswith("/ui/") for source in sources)
    assert "alert(" not in page.text.replace("alert(&#39;x&#39;)", "")
    assert len(page.ids()) == len(set(page.ids()))
