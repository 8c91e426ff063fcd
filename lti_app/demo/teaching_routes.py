"""What a teacher with the right to edit does in a course: activities, selections, copies."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_app.demo import queries
from lti_app.demo.access import Inside, in_course
from lti_app.demo.activities import (
    ActivityForm,
    RefusedFormError,
    accepted,
    add_activity,
    change_activity,
    check,
    copy_course,
    delete_activity,
    read_number,
)
from lti_app.demo.content_items import DEFAULT_MAXIMUM, Draft
from lti_app.demo.deep_linking import drafts_of
from lti_app.demo.models import Activity, CompletionRule, Selection
from lti_app.demo.models_tools import ToolType
from lti_app.demo.platform import Platform
from lti_app.demo.tools import offered_tools


def create_blueprint(platform: Platform) -> Blueprint:
    """The pages of a teacher."""
    blueprint = Blueprint("teaching", __name__, url_prefix="/course/<int:course_id>")
    _add_chooser(blueprint, platform)
    _add_form(blueprint, platform)
    _add_selection(blueprint, platform)
    _add_change(blueprint, platform)
    _add_copy(blueprint, platform)
    return blueprint


def _add_chooser(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/add")
    def add(course_id: int) -> ResponseReturnValue:
        with in_course(platform, course_id, editing=True) as here:
            return _page("add_activity", here, tools=offered_tools(here.session))

    @blueprint.get("/contentitem")
    def choose_content(course_id: int) -> ResponseReturnValue:
        with in_course(platform, course_id, editing=True) as here:
            return _page("contentitem", here, tool=_tool_type(here))


def _add_form(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/modedit")
    def new_activity(course_id: int) -> ResponseReturnValue:
        with in_course(platform, course_id, editing=True) as here:
            tool_type = _tool_type(here)
            form = ActivityForm(draft=accepted(Draft(), tool_type))
            return _form_page(here, tool=tool_type, form=form)

    @blueprint.post("/modedit")
    def save_activity(course_id: int) -> ResponseReturnValue:
        with in_course(platform, course_id, editing=True) as here:
            tool_type = _tool_type(here)
            try:
                form = _posted()
            except RefusedFormError as error:
                typed = _posted(strictly=False)
                return _form_page(here, tool=tool_type, form=typed, error=str(error)), 422
            add_activity(
                here.session, platform.settings, course_id=course_id, tool_type=tool_type, form=form
            )
        return redirect(url_for("pages.course", course_id=course_id), 303)


def _add_selection(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/selection/<selection_id>")
    def selection(course_id: int, selection_id: str) -> ResponseReturnValue:
        with in_course(platform, course_id, editing=True) as here:
            found = _selection(here, selection_id)
            tool_type = here.session.get_one(ToolType, found.tool_type_id)
            drafts = drafts_of(found)
            if len(drafts) > 1:
                return _page("selection", here, selection=found, drafts=drafts)
            form = ActivityForm(draft=accepted(drafts[0] if drafts else Draft(), tool_type))
            return _form_page(
                here,
                tool=tool_type,
                form=form,
                error=found.error,
                notice=found.message or (_FETCHED if drafts else ""),
            )

    @blueprint.post("/selection/<selection_id>")
    def save_selection(course_id: int, selection_id: str) -> ResponseReturnValue:
        with in_course(platform, course_id, editing=True) as here:
            found = _selection(here, selection_id)
            tool_type = here.session.get_one(ToolType, found.tool_type_id)
            for draft in drafts_of(found):
                add_activity(
                    here.session,
                    platform.settings,
                    course_id=course_id,
                    tool_type=tool_type,
                    form=ActivityForm(draft=draft),
                )
            # Its nonce stays: the answer cannot come again.
            found.drafts = "[]"
        return redirect(url_for("pages.course", course_id=course_id), 303)


def _add_change(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/activity/<int:activity_id>/edit")
    def edit_activity(course_id: int, activity_id: int) -> ResponseReturnValue:
        with in_course(platform, course_id, editing=True) as here:
            activity = here.activity(activity_id)
            form = _form_of(here, activity)
            return _form_page(here, tool=activity.tool_type, form=form, activity=activity)

    @blueprint.post("/activity/<int:activity_id>/edit")
    def change(course_id: int, activity_id: int) -> ResponseReturnValue:
        with in_course(platform, course_id, editing=True) as here:
            activity = here.activity(activity_id)
            try:
                form = _posted()
            except RefusedFormError as error:
                typed = _posted(strictly=False)
                page = _form_page(
                    here, tool=activity.tool_type, form=typed, activity=activity, error=str(error)
                )
                return page, 422
            change_activity(here.session, activity, form)
        return redirect(url_for("pages.course", course_id=course_id), 303)

    @blueprint.get("/activity/<int:activity_id>/delete")
    def confirm_deletion(course_id: int, activity_id: int) -> ResponseReturnValue:
        with in_course(platform, course_id, editing=True) as here:
            return _page("delete_activity", here, activity=here.activity(activity_id))

    @blueprint.post("/activity/<int:activity_id>/delete")
    def delete(course_id: int, activity_id: int) -> ResponseReturnValue:
        with in_course(platform, course_id, editing=True) as here:
            delete_activity(here.session, here.activity(activity_id))
        return redirect(url_for("pages.course", course_id=course_id), 303)


def _add_copy(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/copy")
    def copy_form(course_id: int) -> ResponseReturnValue:
        with in_course(platform, course_id, editing=True) as here:
            names = (f"{here.course.fullname} (copie)", f"{here.course.shortname}-copie")
            return _page("copy_course", here, names=names, error="")

    @blueprint.post("/copy")
    def copy(course_id: int) -> ResponseReturnValue:
        with in_course(platform, course_id, editing=True) as here:
            names = (request.form.get("fullname", ""), request.form.get("shortname", ""))
            try:
                made = copy_course(
                    here.session,
                    here.course,
                    fullname=names[0],
                    shortname=names[1],
                    visitor=here.visitor,
                )
            except RefusedFormError as error:
                return _page("copy_course", here, names=names, error=str(error)), 422
            target = url_for("pages.course", course_id=made.id)
        return redirect(target, 303)


_FETCHED = "La configuration de l’activité a été reçue de l’outil. Il reste à l’enregistrer."


def _page(name: str, here: Inside, **values: object) -> str:
    return render_template(
        f"demo/{name}.html",
        person=here.person,
        course=here.course,
        sesskey=here.visitor.sesskey,
        **values,
    )


def _form_page(
    here: Inside,
    *,
    tool: ToolType,
    form: ActivityForm,
    activity: Activity | None = None,
    error: str = "",
    notice: str = "",
) -> str:
    if activity is None:
        action = url_for("teaching.new_activity", course_id=here.course.id, add=tool.id)
    else:
        action = url_for(
            "teaching.edit_activity", course_id=here.course.id, activity_id=activity.id
        )
    return _page(
        "activity_form",
        here,
        tool=tool,
        form=form,
        draft=form.draft,
        activity=activity,
        action=action,
        error=error,
        notice=notice,
        rules=CompletionRule,
        default_maximum=DEFAULT_MAXIMUM,
    )


def _tool_type(here: Inside) -> ToolType:
    found = here.session.get(ToolType, request.args.get("add", ""))
    if found is None or found not in offered_tools(here.session):
        abort(404)
    return found


def _selection(here: Inside, selection_id: str) -> Selection:
    found = here.session.get(Selection, selection_id)
    if (
        found is None
        or found.session_id != here.visitor.session_id
        or found.course_id != here.course.id
    ):
        abort(404)
    return found


def _form_of(here: Inside, activity: Activity) -> ActivityForm:
    item = queries.coupled_line_item(here.session, activity_id=activity.id)
    return ActivityForm(
        draft=Draft(
            name=activity.name,
            text=activity.intro,
            url=activity.target_link_uri,
            custom=activity.custom,
            icon_url=activity.icon_url,
            maximum=None if item is None else item.score_maximum,
            resource_id="" if item is None else item.resource_id or "",
            tag="" if item is None else item.tag,
        ),
        completion_rule=CompletionRule(activity.completion_rule),
        pass_score=0.0 if item is None else item.pass_score,
    )


def _posted(*, strictly: bool = True) -> ActivityForm:
    """The form as posted; what cannot be read is left at its default unless `strictly`."""
    asked = request.form

    def number(name: str, what: str, default: float) -> float:
        text = asked.get(name, "").strip()
        if not text:
            return default
        try:
            return read_number(text, what=what)
        except RefusedFormError:
            if strictly:
                raise
            return default

    rule = asked.get("completion", "")
    form = ActivityForm(
        draft=Draft(
            name=asked.get("name", ""),
            text=asked.get("text", ""),
            url=asked.get("url", "").strip(),
            custom=asked.get("custom", "").replace("\r\n", "\n"),
            icon_url=asked.get("icon_url", ""),
            maximum=number("maximum", "Note maximale", DEFAULT_MAXIMUM)
            if asked.get("graded")
            else None,
            resource_id=asked.get("resource_id", ""),
            tag=asked.get("tag", ""),
        ),
        completion_rule=CompletionRule(rule)
        if rule in list(CompletionRule)
        else CompletionRule.NONE,
        pass_score=number("pass_score", "Note de passage", 0.0),
    )
    if strictly:
        check(form)
    return form
