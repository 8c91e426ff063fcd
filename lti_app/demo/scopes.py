"""The service scopes, and which of them a tool may ask for."""

from lti_app.demo.models_tools import GradeService, ToolType

LINE_ITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
LINE_ITEM_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
RESULT_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
MEMBERSHIP_READ = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
BASIC_OUTCOME = "https://purl.imsglobal.org/spec/lti-bo/scope/basicoutcome"
TOOL_SETTING = "https://purl.imsglobal.org/spec/lti-ts/scope/toolsetting"

AGS_SCOPES = (LINE_ITEM, LINE_ITEM_READ, RESULT_READ, SCORE)
PERMITTED_SCOPES = frozenset({*AGS_SCOPES, MEMBERSHIP_READ})
"""All that this LMS has a service for."""


def grade_scopes(tool_type: ToolType) -> list[str]:
    """The AGS scopes of a tool, in the order of Moodle's launches."""
    if tool_type.grade_service == GradeService.NONE:
        return []
    if tool_type.grade_service == GradeService.WITH_COLUMNS:
        return list(AGS_SCOPES)
    return [LINE_ITEM_READ, RESULT_READ, SCORE]


def permitted_scopes(tool_type: ToolType) -> frozenset[str]:
    """The scopes for which the tool may have a token."""
    members = {MEMBERSHIP_READ} if tool_type.member_service else set()
    return frozenset({*grade_scopes(tool_type), *members})
