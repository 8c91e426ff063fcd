"""What people see of the demonstration LMS: sign-in, courses, activities, gradebook."""

import re

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from lti_app.demo import gradebook, queries
from lti_app.demo.access import in_course
from lti_app.demo.models import Person, Role, SiteRole
from lti_app.demo.platform import Platform
from lti_app.demo.signin import sign_in, sign_out, visitor

_MOBILE = re.compile(r"Mobi|Android|iPhone|iPad")


def create_blueprint(platform: Platform) -> Blueprint:
    """The pages."""
    blueprint = Blueprint("pages", __name__)
    _add_doors(blueprint, platform)
    _add_course(blueprint, platform)
    _add_activity(blueprint, platform)
    _add_people_pages(blueprint, platform)
    return blueprint


def _add_doors(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/")
    def home() -> ResponseReturnValue:
        with platform.database.reading() as session:
            who = visitor(session)
            if who is not None:
                courses = queries.courses_of(session, who.person)
                return render_template(
                    "demo/home.html",
                    person=who.person,
                    courses=courses,
                    administers=who.person.site_role == SiteRole.ADMIN,
                )
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
        with in_course(platform, course_id) as here:
            return render_template(
                "demo/course.html",
                person=here.person,
                course=here.course,
                edits=here.edits,
                cards=gradebook.activity_cards(
                    here.session,
                    course_id=here.course.id,
                    person_id=here.person.id,
                    is_learner=here.role == Role.STUDENT,
                ),
            )

    @blueprint.get("/course/view.php")
    def view_course() -> ResponseReturnValue:
        """Where Moodle shows a course."""
        course_id = request.args.get("id", 0, type=int)
        return redirect(url_for("pages.course", course_id=course_id))


def _add_activity(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/course/<int:course_id>/activity/<int:activity_id>")
    def activity(course_id: int, activity_id: int) -> ResponseReturnValue:
        with in_course(platform, course_id) as here:
            activity = here.activity(activity_id)
            if request.args.get("container") == "window":
                return redirect(url_for("lti.launch", id=activity.cmid, container="window"))
            if _MOBILE.search(request.headers.get("User-Agent", "")):
                # Moodle never embeds on a phone or a tablet, whatever the tool's setting.
                return redirect(url_for("lti.launch", id=activity.cmid, container="frame"))
            return render_template(
                "demo/activity.html", person=here.person, course=here.course, activity=activity
            )


def _add_people_pages(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/course/<int:course_id>/grades")
    def grades(course_id: int) -> ResponseReturnValue:
        with in_course(platform, course_id) as here:
            book = gradebook.read_gradebook(
                here.session,
                course_id=here.course.id,
                only_person_id=None if here.teaches else here.person.id,
                time_zone=platform.settings.time_zone,
            )
            return render_template(
                "demo/grades.html",
                person=here.person,
                course=here.course,
                book=book,
                teaches=here.teaches,
            )
