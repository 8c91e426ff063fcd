"""The routes under `/mod/lti/services.php`: media types, then the service, then the answer."""

import time

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from lti1p3platform.response import Response as ServiceResponse
from sqlalchemy.orm import Session

from lti_app.demo.faults import Target
from lti_app.demo.models import AccessToken, ReceivedScore
from lti_app.demo.platform import Platform, ServiceRequest
from lti_app.demo.scopes import LINE_ITEM, LINE_ITEM_READ, RESULT_READ, SCORE
from lti_app.demo.service_http import (
    LINE_ITEM_TYPE,
    LINE_ITEMS_TYPE,
    MEMBERS_TYPE,
    RESULTS_TYPE,
    SCORE_TYPE,
    error_page,
    header_text,
    json_response,
    refuse_media_type,
    routing_error,
    status_line,
)
from lti_app.demo.services_ags import Endpoint, GradeService
from lti_app.demo.services_nrps import MemberService
from lti_app.demo.tools import find_tool, tool_of_client

_ROOT = "/mod/lti/services.php"


def create_blueprint(platform: Platform) -> Blueprint:
    """AGS and NRPS."""
    blueprint = Blueprint("services", __name__, url_prefix=_ROOT)
    _add_line_items(blueprint, platform)
    _add_line_item(blueprint, platform)
    _add_scores(blueprint, platform)
    _add_results(blueprint, platform)
    _add_members(blueprint, platform)
    return blueprint


def _path() -> str:
    return request.path.removeprefix(_ROOT)


def _service(
    platform: Platform, session: Session, course_id: str, scopes: tuple[str, ...]
) -> GradeService:
    type_id = request.args.get("type_id") or _type_of_token(platform, session)
    tool_type = find_tool(session, type_id)
    endpoint = Endpoint(
        course_id=course_id,
        tool_type=tool_type,
        scopes=scopes,
        raw_body=request.get_data(as_text=True),
    )
    return GradeService(
        ServiceRequest(request), platform=platform, session=session, endpoint=endpoint
    )


def _type_of_token(platform: Platform, session: Session) -> str:
    """Without type_id Moodle finds the type by the token: here, the first one of its client."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    row = session.get(AccessToken, token.strip()) if scheme.lower() == "bearer" else None
    found = None if row is None else tool_of_client(session, row.client_id)
    return platform.settings.deployment_id if found is None else found.id


def _failure(answer: ServiceResponse) -> Response | None:
    if answer.code < 400:
        return None
    # The library's own 401 texts say what was wrong with the token; Moodle does not.
    return routing_error(answer.code, "" if answer.code == 401 else answer.message)


def _add_line_items(blueprint: Blueprint, platform: Platform) -> None:
    formats = (LINE_ITEMS_TYPE, LINE_ITEM_TYPE)

    @blueprint.get("/<course_id>/lineitems")
    def list_line_items(course_id: str) -> ResponseReturnValue:
        failure = platform.faults.strike(Target.AGS) or refuse_media_type(_path(), formats)
        if failure is not None:
            return failure
        with platform.database.reading() as session:
            service = _service(platform, session, course_id, (LINE_ITEM, LINE_ITEM_READ))
            answer = service.handle_resp(service.handle_get_lineitems)
        if answer.code < 400 and request.headers.get("Accept", "") not in ("", LINE_ITEMS_TYPE):
            return routing_error(400, "No context or unsupported content type")
        response = _failure(answer)
        if response is None:
            response = json_response(answer.result["content"], content_type=LINE_ITEMS_TYPE)
            if service.link_header:
                response.headers["Link"] = header_text(service.link_header)
        return response

    @blueprint.post("/<course_id>/lineitems")
    def create_line_item(course_id: str) -> ResponseReturnValue:
        failure = platform.faults.strike(Target.AGS) or refuse_media_type(_path(), formats)
        if failure is not None:
            return failure
        with platform.database.writing() as session:
            service = _service(platform, session, course_id, (LINE_ITEM,))
            answer = service.handle_resp(service.handle_create_lineitem)
        return _failure(answer) or json_response(
            answer.result, content_type=LINE_ITEM_TYPE, code=201
        )


def _add_line_item(blueprint: Blueprint, platform: Platform) -> None:
    route = "/<course_id>/lineitems/<item_id>/lineitem"

    @blueprint.get(route)
    def get_line_item(course_id: str, item_id: str) -> ResponseReturnValue:
        failure = platform.faults.strike(Target.AGS) or refuse_media_type(
            _path(), (LINE_ITEM_TYPE,)
        )
        if failure is not None:
            return failure
        with platform.database.reading() as session:
            service = _service(platform, session, course_id, (LINE_ITEM, LINE_ITEM_READ))
            answer = service.handle_resp(service.handle_get_lineitem, line_item_id=item_id)
        return _failure(answer) or json_response(answer.result, content_type=LINE_ITEM_TYPE)

    @blueprint.put(route)
    def put_line_item(course_id: str, item_id: str) -> ResponseReturnValue:
        failure = platform.faults.strike(Target.AGS) or refuse_media_type(
            _path(), (LINE_ITEM_TYPE,)
        )
        if failure is not None:
            return failure
        with platform.database.writing() as session:
            service = _service(platform, session, course_id, (LINE_ITEM,))
            answer = service.handle_resp(service.handle_update_lineitem, line_item_id=item_id)
        return _failure(answer) or json_response(answer.result, content_type=LINE_ITEM_TYPE)

    @blueprint.delete(route)
    def delete_line_item(course_id: str, item_id: str) -> ResponseReturnValue:
        failure = platform.faults.strike(Target.AGS)
        if failure is not None:
            return failure
        with platform.database.writing() as session:
            service = _service(platform, session, course_id, (LINE_ITEM,))
            answer = service.handle_resp(service.handle_delete_lineitem, line_item_id=item_id)
        return _failure(answer) or Response(
            status=status_line(204), content_type="text/html; charset=utf-8"
        )


def _add_scores(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.post("/<course_id>/lineitems/<item_id>/lineitem/scores")
    def post_score(course_id: str, item_id: str) -> ResponseReturnValue:
        failure = platform.faults.strike(Target.SCORES) or refuse_media_type(_path(), (SCORE_TYPE,))
        if failure is not None:
            return failure
        with platform.database.writing() as session:
            service = _service(platform, session, course_id, (SCORE,))
            answer = service.handle_resp(service.handle_update_score, line_item_id=item_id)
            if answer.code != 401 and item_id.isdigit() and len(item_id) < 18:
                session.add(
                    ReceivedScore(
                        received_at=int(time.time()),
                        line_item_id=int(item_id),
                        body=request.get_data(as_text=True),
                        status=answer.code,
                    )
                )
        if answer.code in (400, 409):
            # Errors of the score itself: the text is in the status line only.
            return json_response(
                [], content_type=SCORE_TYPE, code=answer.code, reason=answer.message
            )
        return _failure(answer) or json_response(None, content_type=SCORE_TYPE)


def _add_results(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/<course_id>/lineitems/<item_id>/lineitem/results")
    def get_results(course_id: str, item_id: str) -> ResponseReturnValue:
        failure = platform.faults.strike(Target.AGS) or refuse_media_type(_path(), (RESULTS_TYPE,))
        if failure is not None:
            return failure
        with platform.database.reading() as session:
            service = _service(platform, session, course_id, (RESULT_READ,))
            answer = service.handle_resp(service.handle_get_results, line_item_id=item_id)
        refused = _failure(answer)
        if refused is not None:
            return refused
        if request.headers.get("Accept", "") not in ("", RESULTS_TYPE):
            return routing_error(400)
        if request.args.get("limit"):
            # A bug of Moodle 4.5: paging results raises an exception.
            return error_page("Une erreur s’est produite")
        return json_response(answer.result["content"], content_type=RESULTS_TYPE)


def _add_members(blueprint: Blueprint, platform: Platform) -> None:
    @blueprint.get("/CourseSection/<course_id>/bindings/<type_id>/memberships")
    def get_members(course_id: str, type_id: str) -> ResponseReturnValue:
        failure = platform.faults.strike(Target.NRPS)
        if failure is not None:
            return failure
        with platform.database.reading() as session:
            service = MemberService(
                ServiceRequest(request),
                platform=platform,
                session=session,
                course_id=course_id,
                type_id=type_id,
            )
            answer = service.handle_resp(service.handle_get_members)
        response = _failure(answer)
        if response is None:
            response = json_response(answer.result, content_type=MEMBERS_TYPE)
            if service.link_header:
                header = platform.faults.link(Target.NRPS, service.link_header)
                response.headers["Link"] = header_text(header)
        return response
