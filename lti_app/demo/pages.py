"""What people see of the demonstration LMS: sign-in, courses, activities, gradebook."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_app.demo import gradebook, queries
from lti_app.demo.launches import role_in_course
from lti_app.demo.models import SITE_COURSE_ID, Activity, Course, Person, Role
from lti_app.demo.platform import Platform
from lti_app.demo.signin import sign_in, sign_out, visitor

_MOBILE = re.compile(r"Mobi|Android|iPhone|iPad")
_TEACHING = (Role.EDITING_TEACHER, Role.TEACHER, Role.MANAGER)


def create_blueprint(platform: Platform) -> Blueprint:
    """The pages."""
    blueprint = Blueprint("pages", __name__)
    _add_doors(blueprint, platform)
    _add_course(blueprint, platform)
    _add_activity(blueprint, platform)
    _add_people_pages(blueprint, platform)
    return blueprint


@contextmanager
def _in_course(platform: Platform, course_id: int) -> Iterator[tuple[Session, Person, Course, str]]:
    """The signed-in person, the course and their role in it; 404 or 403 otherwise."""
    with platform.database.reading() as session:
        who = visitor(session)
        course = session.get(Course, course_id)
        if course is None or course.id == SITE_COURSE_ID:
            abort(404)
        if who is None:
            abort(redirect(url_for("pages.home")))
        role = role_in_course(session, who.person, course.id)
        if role is None:
            abort(403)
        yield session, who.person, course, role


def _add_doors(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/")
    def home() -> ResponseReturnValue:
        with platform.database.reading() as session:
            who = visitor(session)
            if who is not None:
                courses = queries.courses_of(session, who.person)
                return render_template("demo/home.html", person=who.person, courses=courses)
            cards = gradebook.sign_in_cards(session)
            return render_template("demo/sign_in.html", cards=cards)

    @blueprint.post("/login")
    def login() -> ResponseReturnValue:
        with platform.database.reading() as session:
            person = session.scalar(
                select(Person).where(Person.username == request.form.get("person", ""))
            )
            if person is None:
                abort(404)
            sign_in(person)
        return redirect(url_for("pages.home"), 303)

    @blueprint.post("/logout")
    def logout() -> ResponseReturnValue:
        sign_out()
        return redirect(url_for("pages.home"), 303)


def _add_course(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/course/<int:course_id>")
    def course(course_id: int) -> ResponseReturnValue:
        with _in_course(platform, course_id) as (session, person, found, role):
            return render_template(
                "demo/course.html",
                person=person,
                course=found,
                teaches=role in _TEACHING,
                cards=gradebook.activity_cards(
                    session,
                    course_id=found.id,
                    person_id=person.id,
                    is_learner=role == Role.STUDENT,
                ),
            )


def _add_activity(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/course/<int:course_id>/activity/<int:activity_id>")
    def activity(course_id: int, activity_id: int) -> ResponseReturnValue:
        with _in_course(platform, course_id) as (session, person, found, role):
            activity = session.get(Activity, activity_id)
            if activity is None or activity.course_id != found.id:
                abort(404)
            if request.args.get("container") == "window":
                return redirect(url_for("lti.launch", id=activity.cmid, container="window"))
            if _MOBILE.search(request.headers.get("User-Agent", "")):
                # Moodle never embeds on a phone or a tablet, whatever the tool's setting.
                return redirect(url_for("lti.launch", id=activity.cmid, container="frame"))
            return render_template(
                "demo/activity.html",
                person=person,
                course=found,
                activity=activity,
                teaches=role in _TEACHING,
            )


def _add_people_pages(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/course/<int:course_id>/grades")
    def grades(course_id: int) -> ResponseReturnValue:
        with _in_course(platform, course_id) as (session, person, found, role):
            teaches = role in _TEACHING
            book = gradebook.read_gradebook(
                session,
                course_id=found.id,
                only_person_id=None if teaches else person.id,
                time_zone=platform.settings.time_zone,
            )
            return render_template(
                "demo/grades.html", person=person, course=found, book=book, teaches=teaches
            )

    @blueprint.get("/course/<int:course_id>/participants")
    def participants(course_id: int) -> ResponseReturnValue:
        with _in_course(platform, course_id) as (session, person, found, role):
            return render_template(
                "demo/participants.html",
                person=person,
                course=found,
                teaches=role in _TEACHING,
                rows=queries.enrolments(session, course_id=found.id),
                role_names=gradebook.ROLE_NAMES,
            )
