"""The page where a launch arrives."""

from http import HTTPStatus

from flask import url_for

from lti_app.core.database import db
from lti_app.core.errors import RelaisError
from lti_app.launch.queries import find_reviewed
from lti_app.launch.services import Opened
from lti_app.lti.rules import explanations
from lti_app.lti.rules.claims import Launch
from lti_app.people.models import Role
from lti_app.people.rules import TARGET_PATH, TARGET_REVIEW


def landing(opened: Opened, launch: Launch) -> str:
    """Where this launch leads: the trainer's report, or what the activity opens.

    A submission review leads to the work of one person: theirs, for a learner; anybody's who
    follows the course, for its trainers, who see progress and never an answer (design §8).
    """
    course_id, target = opened.arrival.enrolment.course_id, opened.arrival.link.target
    trainer = opened.arrival.enrolment.role == Role.TRAINER
    if launch.for_user_id is not None:
        reviewed = find_reviewed(
            db.session, issuer=launch.issuer, sub=launch.for_user_id, course_id=course_id
        )
        if trainer:
            return _card(course_id, reviewed)
        if reviewed != opened.arrival.person.id:
            raise RelaisError(
                explanations.OTHERS_WORK, status=HTTPStatus.FORBIDDEN, detail="not their own work"
            )
    if trainer:
        return url_for("reports.overview", course_id=course_id)
    if target == TARGET_REVIEW:
        return url_for("practice.review", course_id=course_id)
    if target == TARGET_PATH:
        return url_for("practice.path", course_id=course_id)
    return url_for("practice.module", course_id=course_id, module_id=target)


def _card(course_id: int, person_id: int | None) -> str:
    if person_id is None:
        raise RelaisError(
            explanations.WORK_UNKNOWN, status=HTTPStatus.NOT_FOUND, detail="not a learner here"
        )
    return url_for("reports.referent", course_id=course_id, person_id=person_id)
