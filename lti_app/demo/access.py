"""Who may see and change what, in courses and in the administration."""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import abort, redirect, request, url_for
from sqlalchemy.orm import Session

from lti_app.demo.launches import role_in_course
from lti_app.demo.models import SITE_COURSE_ID, Activity, Course, Person, Role, SiteRole
from lti_app.demo.platform import Platform
from lti_app.demo.signin import Visitor, visitor

_TEACHING = (Role.EDITING_TEACHER, Role.TEACHER, Role.MANAGER)
_EDITING = (Role.EDITING_TEACHER, Role.MANAGER)


@dataclass(frozen=True, slots=True)
class Inside:
    """Someone in a course."""

    session: Session
    visitor: Visitor
    course: Course
    role: str

    @property
    def person(self) -> Person:
        """Who it is."""
        return self.visitor.person

    @property
    def teaches(self) -> bool:
        """Sees everyone's grades."""
        return self.role in _TEACHING

    @property
    def edits(self) -> bool:
        """Adds and changes activities; a non-editing teacher does not."""
        return self.role in _EDITING

    def activity(self, activity_id: int) -> Activity:
        """An activity of this very course, or 404."""
        found = self.session.get(Activity, activity_id)
        if found is None or found.course_id != self.course.id:
            abort(404)
        return found


@contextmanager
def in_course(platform: Platform, course_id: int, *, editing: bool = False) -> Iterator[Inside]:
    """The signed-in person in the course; 404 or 403 otherwise. A POST may write."""
    with _database(platform) as session:
        who = visitor(session)
        course = session.get(Course, course_id)
        if course is None or course.id == SITE_COURSE_ID:
            abort(404)
        if who is None:
            abort(redirect(url_for("pages.home")))
        role = role_in_course(session, who.person, course.id)
        if role is None:
            abort(403)
        inside = Inside(session, who, course, role)
        if editing and not inside.edits:
            abort(403)
        if request.method == "POST":
            check_sesskey(who)
        yield inside


@contextmanager
def as_administrator(platform: Platform) -> Iterator[tuple[Session, Visitor]]:
    """The signed-in administrator of the site, or 403. A POST may write."""
    with _database(platform) as session:
        who = visitor(session)
        if who is None:
            abort(redirect(url_for("pages.home")))
        if who.person.site_role != SiteRole.ADMIN:
            abort(403)
        if request.method == "POST":
            check_sesskey(who)
        yield session, who


def check_sesskey(who: Visitor) -> None:
    """403 unless the form, or the address, carries the key of this browser session."""
    sent = request.form.get("sesskey") or request.args.get("sesskey", "")
    if not hmac.compare_digest(sent.encode("utf-8", "replace"), who.sesskey.encode()):
        abort(403)


@contextmanager
def _database(platform: Platform) -> Iterator[Session]:
    opened = platform.database.writing if request.method == "POST" else platform.database.reading
    with opened() as session:
        yield session
