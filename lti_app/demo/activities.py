"""Adding, changing and deleting activities, and copying a course, as a Moodle teacher does."""

import math
from dataclasses import dataclass, replace

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from lti_app.demo import queries
from lti_app.demo.content_items import DEFAULT_MAXIMUM, Draft
from lti_app.demo.line_items import next_line_item_id, rescale_grades
from lti_app.demo.models import Activity, CompletionRule, Course, Enrolment, Grade, LineItem, Role
from lti_app.demo.models_base import next_number
from lti_app.demo.models_tools import AcceptGrades, ToolType
from lti_app.demo.settings import DemoSettings
from lti_app.demo.signin import Visitor
from lti_app.demo.tools import match_url


class RefusedFormError(ValueError):
    """A field is wrong; the text is for the teacher."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityForm:
    """The fields of the activity form, checked."""

    draft: Draft
    completion_rule: CompletionRule = CompletionRule.NONE
    pass_score: float = 0.0


def accepted(draft: Draft, tool_type: ToolType) -> Draft:
    """The draft as the setting « Accepter les notes de l’outil » makes it."""
    if tool_type.accept_grades == AcceptGrades.NEVER:
        return replace(draft, maximum=None)
    if tool_type.accept_grades == AcceptGrades.ALWAYS and draft.maximum is None:
        return replace(draft, maximum=DEFAULT_MAXIMUM)
    return draft


def read_number(text: str, *, what: str) -> float:
    """A number as the French write it. Raises RefusedFormError."""
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError as error:
        raise RefusedFormError(f"{what} : un nombre est attendu.") from error
    if not math.isfinite(number) or not 0 <= number < 1e9:
        raise RefusedFormError(f"{what} : un nombre positif est attendu.")
    return number


def check(form: ActivityForm) -> None:
    """Raises RefusedFormError for what Moodle's form would not save either."""
    if not form.draft.name.strip():
        raise RefusedFormError("Nom de l’activité : ce champ est obligatoire.")
    maximum = form.draft.maximum
    if maximum is None and form.completion_rule != CompletionRule.NONE:
        raise RefusedFormError("Achèvement : une activité sans note ne peut pas en dépendre.")
    if maximum is None:
        return
    if form.completion_rule == CompletionRule.PASS_GRADE and not 0 < form.pass_score <= maximum:
        raise RefusedFormError("Note de passage : entre 0 et la note maximale.")


def add_activity(
    session: Session,
    settings: DemoSettings,
    *,
    course_id: int,
    tool_type: ToolType,
    form: ActivityForm,
) -> Activity:
    """A new activity, with its column when it is graded.

    An address of its own detaches it from the tool it was chosen with: the tool is guessed again
    from the address, and there may be none.
    """
    draft = form.draft
    matched = match_url(session, draft.url, settings) if draft.url else tool_type
    highest_id = session.scalar(select(func.max(Activity.id))) or 0
    highest_cmid = session.scalar(select(func.max(Activity.cmid))) or 0
    activity = Activity(
        id=next_number(session, "activity", above=highest_id),
        cmid=next_number(session, "cmid", above=highest_cmid),
        course_id=course_id,
        tool_type_id=(matched or tool_type).id,
        name=draft.name.strip(),
        intro=draft.text,
        custom=draft.custom,
        target_link_uri=draft.url,
        icon_url=draft.icon_url,
        broken=matched is None,
        completion_rule=form.completion_rule,
    )
    session.add(activity)
    session.flush()
    _set_column(session, activity, form)
    return activity


def change_activity(session: Session, activity: Activity, form: ActivityForm) -> None:
    """Save the form of an activity: the column follows its title and its grade."""
    draft = form.draft
    activity.name = draft.name.strip()
    activity.intro = draft.text
    activity.custom = draft.custom
    activity.target_link_uri = draft.url
    activity.completion_rule = form.completion_rule
    _set_column(session, activity, form)


def _set_column(session: Session, activity: Activity, form: ActivityForm) -> None:
    item = queries.coupled_line_item(session, activity_id=activity.id)
    draft = accepted(form.draft, session.get_one(ToolType, activity.tool_type_id))
    if draft.maximum is None:
        if item is not None:
            session.execute(delete(Grade).where(Grade.line_item_id == item.id))
            session.delete(item)
        return
    if item is None:
        item = LineItem(
            id=next_line_item_id(session),
            course_id=activity.course_id,
            tool_type_id=activity.tool_type_id,
            activity_id=activity.id,
            coupled=True,
            label="",
            score_maximum=draft.maximum,
            resource_id="",
        )
        session.add(item)
    rescale_grades(session, item, new_maximum=draft.maximum)
    # The tool's own lineItem.label is ignored: the column is named like the activity.
    item.label = activity.name
    item.score_maximum = draft.maximum
    item.pass_score = form.pass_score
    item.resource_id = draft.resource_id
    item.tag = draft.tag


def delete_activity(session: Session, activity: Activity) -> None:
    """Remove an activity and its columns; the tool is not told."""
    items = list(session.scalars(select(LineItem).where(LineItem.activity_id == activity.id)))
    for item in items:
        session.execute(delete(Grade).where(Grade.line_item_id == item.id))
        session.delete(item)
    session.flush()
    session.delete(activity)


def copy_course(
    session: Session, course: Course, *, fullname: str, shortname: str, visitor: Visitor
) -> Course:
    """A new course with the same activities: new context, new links, same custom parameters.

    Nobody is copied but the teacher who asks. Raises RefusedFormError.
    """
    if not fullname.strip() or not shortname.strip():
        raise RefusedFormError("Nom et nom abrégé : ces champs sont obligatoires.")
    if session.scalar(select(Course.id).where(Course.shortname == shortname.strip())) is not None:
        raise RefusedFormError("Nom abrégé : un autre cours le porte déjà.")
    copy = Course(
        id=next_number(session, "course", above=session.scalar(select(func.max(Course.id))) or 0),
        shortname=shortname.strip(),
        fullname=fullname.strip(),
        summary=course.summary,
        starts_at=course.starts_at,
        copied_from=course.id,
    )
    session.add(copy)
    session.flush()
    session.add(
        Enrolment(course_id=copy.id, person_id=visitor.person.id, role=Role.EDITING_TEACHER)
    )
    for activity in queries.activities(session, course_id=course.id):
        _copy_activity(session, activity, copy)
    return copy


def _copy_activity(session: Session, activity: Activity, course: Course) -> None:
    highest_id = session.scalar(select(func.max(Activity.id))) or 0
    highest_cmid = session.scalar(select(func.max(Activity.cmid))) or 0
    copy = Activity(
        id=next_number(session, "activity", above=highest_id),
        cmid=next_number(session, "cmid", above=highest_cmid),
        course_id=course.id,
        tool_type_id=activity.tool_type_id,
        name=activity.name,
        intro=activity.intro,
        custom=activity.custom,
        target_link_uri=activity.target_link_uri,
        icon_url=activity.icon_url,
        broken=activity.broken,
        completion_rule=activity.completion_rule,
    )
    session.add(copy)
    session.flush()
    item = queries.coupled_line_item(session, activity_id=activity.id)
    if item is None:
        return
    session.add(
        LineItem(
            id=next_line_item_id(session),
            course_id=course.id,
            tool_type_id=item.tool_type_id,
            activity_id=copy.id,
            coupled=True,
            label=item.label,
            score_maximum=item.score_maximum,
            pass_score=item.pass_score,
            resource_id=item.resource_id,
            tag=item.tag,
        )
    )
