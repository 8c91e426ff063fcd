"""« Gérer les outils »: what an administrator of the site does with external tools."""

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lti_app.demo.access import as_administrator
from lti_app.demo.activities import RefusedFormError
from lti_app.demo.models_tools import ToolState, ToolType
from lti_app.demo.platform import Platform
from lti_app.demo.signin import Visitor
from lti_app.demo.tool_form import delete_tool, details, form_values, save_tool
from lti_app.demo.tools import find_tool, origin_of, same_domain, tool_types


def create_blueprint(platform: Platform) -> Blueprint:
    """The pages of the administration."""
    blueprint = Blueprint("admin", __name__, url_prefix="/admin/tools")
    _add_list(blueprint, platform)
    _add_registration(blueprint, platform)
    _add_forms(blueprint, platform)
    _add_changes(blueprint, platform)
    return blueprint


def _add_list(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("")
    def tools() -> ResponseReturnValue:
        with as_administrator(platform) as (session, who):
            rows = [(row, platform.tool(row)) for row in tool_types(session)]
            return _page("tools", who, rows=rows, states=ToolState)

    @blueprint.get("/<type_id>")
    def tool(type_id: str) -> ResponseReturnValue:
        with as_administrator(platform) as (session, who):
            row = _found(session, type_id)
            return _page("tool_details", who, tool=row, details=details(platform, row))


def _add_registration(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/register")
    def register() -> ResponseReturnValue:
        """Ask first whether to update, when a tool of that host and port is known."""
        with as_administrator(platform) as (session, who):
            url, choice = request.args.get("url", "").strip(), request.args.get("choice", "")
            origin = origin_of(url)
            if not origin:
                rows = [(row, platform.tool(row)) for row in tool_types(session)]
                error = "URL de l’outil : une adresse http ou https est attendue."
                return _page("tools", who, rows=rows, states=ToolState, error=error), 422
            known = same_domain(tool_types(session), url, platform.settings)
            if known and not choice:
                return _page("registration_choice", who, url=url, known=known)
            g.framed_origins = {origin}
            updates = choice in [row.id for row in known]
            start = url_for(
                "registration.start",
                url=url,
                sesskey=who.sesskey,
                type=choice if updates else None,
            )
            return _page("registration", who, start=start)


def _add_forms(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/new")
    def new_tool() -> ResponseReturnValue:
        with as_administrator(platform) as (_session, who):
            return _form_page(who, None, form_values(None, platform))

    @blueprint.post("/new")
    def add_tool() -> ResponseReturnValue:
        with as_administrator(platform) as (session, who):
            return _save(session, platform, who, None)

    @blueprint.get("/<type_id>/edit")
    def edit_tool(type_id: str) -> ResponseReturnValue:
        with as_administrator(platform) as (session, who):
            row = _found(session, type_id)
            return _form_page(who, row, form_values(row, platform))

    @blueprint.post("/<type_id>/edit")
    def change_tool(type_id: str) -> ResponseReturnValue:
        with as_administrator(platform) as (session, who):
            return _save(session, platform, who, _found(session, type_id))


def _add_changes(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.post("/<type_id>/activate")
    def activate(type_id: str) -> ResponseReturnValue:
        with as_administrator(platform) as (session, _who):
            _found(session, type_id).state = ToolState.CONFIGURED
        return redirect(url_for("admin.tools"), 303)

    @blueprint.post("/<type_id>/delete")
    def delete(type_id: str) -> ResponseReturnValue:
        with as_administrator(platform) as (session, _who):
            delete_tool(session, _found(session, type_id))
        return redirect(url_for("admin.tools"), 303)


def _save(
    session: Session, platform: Platform, who: Visitor, row: ToolType | None
) -> ResponseReturnValue:
    try:
        saved = save_tool(session, row, request.form)
    except RefusedFormError as error:
        typed = {**dict.fromkeys(form_values(None, platform), ""), **request.form.to_dict()}
        return _form_page(who, row, typed, error=str(error)), 422
    return redirect(url_for("admin.tool", type_id=saved.id), 303)


def _found(session: Session, type_id: str) -> ToolType:
    found = find_tool(session, type_id)
    if found is None:
        abort(404)
    return found


def _form_page(
    who: Visitor, row: ToolType | None, values: dict[str, str], *, error: str = ""
) -> str:
    return _page("tool_form", who, tool=row, values=values, error=error)


def _page(name: str, who: Visitor, **values: object) -> str:
    values.setdefault("error", "")
    return render_template(f"demo/{name}.html", person=who.person, sesskey=who.sesskey, **values)
