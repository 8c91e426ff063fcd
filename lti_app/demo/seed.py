"""The people, courses and activities that a new demonstration LMS starts with. All invented."""

from datetime import UTC, datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from lti_app.demo.models import (
    SITE_COURSE_ID,
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

FIRST_COURSE_ID = 2
SECOND_COURSE_ID = 3

_TOOL_CUSTOM = "\n".join(
    (
        # A key with capitals, to meet Moodle's doubled keys.
        "Plateforme=LMS de démonstration",
        "nom_complet=$Person.name.full",
        "role=$Membership.role",
        "debut_session=$Context.timeFrame.begin",
        "uai=$User.org",
    )
)


def fill(session: Session, settings: DemoSettings) -> None:
    """Everything, into an empty database."""
    session.add_all(_people())
    session.add_all(_courses())
    for type_id, name, shares in (
        (settings.deployment_id, "Outil externe Relais", True),
        (settings.private_deployment_id, "Outil externe Relais (identité non transmise)", False),
    ):
        session.add(
            ToolType(
                id=type_id,
                client_id=settings.client_id,
                name=name,
                shares_name=shares,
                shares_email=shares,
                custom=_TOOL_CUSTOM,
            )
        )
    session.flush()
    session.add_all(_enrolments())
    _add_extra_learners(session, settings.extra_learners)
    _add_activities(session, settings)


def _people() -> list[Person]:
    def person(ident: int, username: str, given: str, family: str, **more: object) -> Person:
        return Person(
            id=ident,
            username=username,
            given_name=given,
            family_name=family,
            email=f"{username}@ac-exemple.fr",
            idnumber=f"UID-{username}",
            city="Poitiers",
            country="FR",
            **more,
        )

    return [
        person(2, "admin", "Ada", "Ministre", site_role=SiteRole.ADMIN),
        person(3, "formatrice", "Élodie", "Lefèvre"),
        person(4, "tuteur", "Jean-Noël", "Guérin"),
        person(5, "referent1", "Zoé", "N’Guessan"),
        person(6, "referent2", "François", "Le Goff"),
        person(7, "referent3", "Anaïs", "Bœuf-Hélène"),
        person(8, "referent4", "Driss", "El Amrani"),
        person(9, "referent5", "Camille", "D’Hérouville"),
        person(10, "referent6", "Maud", "Ferrand", identity_withheld=True),
        person(11, "formateur2", "Karim", "Benyamina"),
    ]


def _courses() -> list[Course]:
    begins = int(datetime(2026, 9, 1, 8, tzinfo=UTC).timestamp())
    return [
        Course(id=SITE_COURSE_ID, shortname="DEMO", fullname="LMS de démonstration", starts_at=0),
        Course(
            id=FIRST_COURSE_ID,
            shortname="RRUPN-A",
            fullname="Parcours RRUPN, session A",
            summary="Référents aux ressources et usages pédagogiques numériques",
            idnumber="CRS-RRUPN-A",
            starts_at=begins,
        ),
        Course(
            id=SECOND_COURSE_ID,
            shortname="RRUPN-B",
            fullname="Parcours RRUPN, session B",
            summary="La même formation, avec un autre formateur",
            idnumber="CRS-RRUPN-B",
            starts_at=begins,
        ),
    ]


def _enrolments() -> list[Enrolment]:
    roles = {
        FIRST_COURSE_ID: {
            3: Role.EDITING_TEACHER,
            4: Role.TEACHER,
            **dict.fromkeys(range(5, 11), Role.STUDENT),
        },
        # A referent of both sessions, and a trainer of one who learns nothing in the other.
        SECOND_COURSE_ID: {
            11: Role.EDITING_TEACHER,
            5: Role.STUDENT,
            6: Role.STUDENT,
            4: Role.STUDENT,
        },
    }
    return [
        Enrolment(course_id=course_id, person_id=person_id, role=role)
        for course_id, people in roles.items()
        for person_id, role in people.items()
    ]


def _add_extra_learners(session: Session, count: int) -> None:
    # Plain rows in bulk: twenty thousand objects would take half a minute.
    first, numbers = 1000, range(1, count + 1)
    if not count:
        return
    session.execute(
        insert(Person),
        [
            {
                "id": first + number,
                "username": f"referent-{number:04}",
                "given_name": "Référent",
                "family_name": f"Numéro {number:04}",
                "email": f"referent-{number:04}@ac-exemple.fr",
                "idnumber": f"UID-referent-{number:04}",
            }
            for number in numbers
        ],
    )
    session.execute(
        insert(Enrolment),
        [
            {"course_id": FIRST_COURSE_ID, "person_id": first + number, "role": Role.STUDENT}
            for number in numbers
        ],
    )


def _add_activities(session: Session, settings: DemoSettings) -> None:
    public, private = settings.deployment_id, settings.private_deployment_id
    module = "Mémoriser et apprendre avec le numérique"
    pass_grade, grade = CompletionRule.PASS_GRADE, CompletionRule.GRADE
    # id, course, tool type, name, custom, completion rule, graded
    rows = [
        (1, FIRST_COURSE_ID, public, module, "module=memoriser", pass_grade, True),
        (2, FIRST_COURSE_ID, public, "Le parcours entier", "target=path", grade, True),
        (3, FIRST_COURSE_ID, public, "Réviser", "target=review", CompletionRule.NONE, False),
        (
            4,
            FIRST_COURSE_ID,
            private,
            f"{module} (identité non transmise)",
            "module=memoriser",
            pass_grade,
            True,
        ),
        (5, SECOND_COURSE_ID, public, module, "module=memoriser", pass_grade, True),
    ]
    intros = {
        1: "Sept étapes courtes et leurs questions. Un peu plus d’une heure, en plusieurs fois.",
        2: "Tous les modules de la session, avec votre avancement.",
        3: "Les questions à revoir aujourd’hui, une douzaine au plus.",
        4: "Le même module, par un outil réglé pour ne transmettre ni nom ni adresse.",
        5: "Sept étapes courtes et leurs questions.",
    }
    for ident, course_id, type_id, name, custom, rule, graded in rows:
        session.add(
            Activity(
                id=ident,
                # Moodle numbers course modules apart from the activities of each kind.
                cmid=ident + 20,
                course_id=course_id,
                tool_type_id=type_id,
                name=name,
                intro=intros[ident],
                custom=custom,
                completion_rule=rule,
            )
        )
        session.flush()
        if graded:
            session.add(
                LineItem(
                    # Nor are columns numbered like activities: the first is the course total.
                    id=ident + 10,
                    course_id=course_id,
                    tool_type_id=type_id,
                    activity_id=ident,
                    coupled=True,
                    label=name,
                    score_maximum=100.0,
                    pass_score=80.0 if rule == CompletionRule.PASS_GRADE else 0.0,
                    resource_id="",
                )
            )
