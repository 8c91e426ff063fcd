"""Reading what the front door alone asks."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.people.models import Enrolment, Identity, Role


def find_reviewed(session: Session, *, issuer: str, sub: str, course_id: int) -> int | None:
    """The person whom an issuer names, if they follow that very course, or did; else None."""
    statement = (
        sa.select(Identity.person_id)
        .join(Enrolment, Enrolment.person_id == Identity.person_id)
        .where(
            Identity.issuer == issuer,
            Identity.sub == sub,
            Enrolment.course_id == course_id,
            Enrolment.role == Role.LEARNER,
        )
    )
    return session.scalars(statement).one_or_none()
