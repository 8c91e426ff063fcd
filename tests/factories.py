"""Data for tests (factory-boy). `bind(session)` is called by the `session` fixture."""

from datetime import UTC, datetime
from typing import Any

import factory
from sqlalchemy.orm import Session

from lti_app.lti import models as lti
from lti_app.people import models as people

NOW = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)

_session: Session | None = None


def bind(session: Session | None) -> None:
    """Say where the factories write."""
    global _session  # noqa: PLW0603 - factory-boy wants a callable that finds the session
    _session = session


def commit() -> None:
    """Commit the test's session, if it has one."""
    if _session is not None:
        _session.commit()


def _current_session() -> Session:
    assert _session is not None, "ask for the `session` fixture before using factories"
    return _session


class Factory(factory.alchemy.SQLAlchemyModelFactory):
    class Meta:
        abstract = True
        sqlalchemy_session_factory = _current_session
        sqlalchemy_session_persistence = "flush"


class PlatformFactory(Factory):
    class Meta:
        model = lti.Platform

    name = factory.Sequence(lambda n: f"plateforme-{n}")
    issuer = factory.Sequence(lambda n: f"https://moodle{n}.example.org")
    client_id = factory.Sequence(lambda n: f"client-{n}")
    auth_url = factory.LazyAttribute(lambda o: f"{o.issuer}/mod/lti/auth.php")
    token_url = factory.LazyAttribute(lambda o: f"{o.issuer}/mod/lti/token.php")
    jwks_url = factory.LazyAttribute(lambda o: f"{o.issuer}/mod/lti/certs.php")
    state = lti.PlatformState.ACTIVE
    created_at = NOW


class DeploymentFactory(Factory):
    class Meta:
        model = lti.Deployment

    platform = factory.SubFactory(PlatformFactory)
    deployment_id = "1"
    state = lti.PlatformState.ACTIVE


class PersonFactory(Factory):
    class Meta:
        model = people.Person

    name = factory.Sequence(lambda n: f"Camille Référent{n}")
    sort_name = factory.LazyAttribute(lambda o: o.name.casefold() if o.name else None)
    email = None
    created_at = NOW


class CourseFactory(Factory):
    class Meta:
        model = people.Course

    platform = factory.SubFactory(PlatformFactory)
    issuer = factory.LazyAttribute(lambda o: o.platform.issuer)
    context_id = factory.Sequence(str)
    title = factory.Sequence(lambda n: f"Parcours RRUPN {n}")
    created_at = NOW


class IdentityFactory(Factory):
    class Meta:
        model = people.Identity

    person = factory.SubFactory(PersonFactory)
    issuer = "https://moodle.example.org"
    sub = factory.Sequence(lambda n: str(1000 + n))
    created_at = NOW


class EnrolmentFactory(Factory):
    """A learner of a course, with a person and an identity of the course's issuer."""

    class Meta:
        model = people.Enrolment

    course = factory.SubFactory(CourseFactory)
    person = factory.SubFactory(PersonFactory)
    identity = factory.LazyAttribute(
        lambda o: IdentityFactory(person=o.person, issuer=o.course.issuer)
    )
    role = people.Role.LEARNER
    state = people.EnrolmentState.ACTIVE
    lms_roles = factory.LazyFunction(list)
    first_launch_at = NOW
    last_launch_at = NOW


class ResourceLinkFactory(Factory):
    class Meta:
        model = people.ResourceLink

    course = factory.SubFactory(CourseFactory)
    platform = factory.LazyAttribute(lambda o: o.course.platform)
    link_id = factory.Sequence(lambda n: str(n + 1))
    title = "Mémoriser et apprendre avec le numérique"
    target = "memoriser"
    custom = factory.LazyFunction(dict)
    line_item_url = factory.LazyAttribute(
        lambda o: (
            f"{o.platform.issuer}/mod/lti/services.php/2/lineitems/{o.link_id}/lineitem?type_id=1"
        )
    )
    line_items_url = None
    ags_scopes = factory.LazyFunction(
        lambda: ["https://purl.imsglobal.org/spec/lti-ags/scope/score"]
    )
    last_launch_at = NOW


def sign_in(client: Any, person: people.Person) -> None:
    """Make the client's browser that person's, as a launch would have."""
    with client.session_transaction(base_url="https://relais.example.org") as browser_session:
        browser_session["_user_id"] = str(person.id)
        browser_session["_fresh"] = True
