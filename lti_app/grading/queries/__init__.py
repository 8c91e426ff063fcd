"""Reading what is owed, the searches for columns, and what the LMS was seen to hold."""

from lti_app.grading.queries.grades import (
    GradableLink,
    GradeToSend,
    course_exists,
    due_grade_ids,
    find_grade_to_send,
    gradable_links,
    grades_of,
    list_grades,
)
from lti_app.grading.queries.line_items import (
    due_search_ids,
    find_search,
    links_of_module,
    made_columns,
)

__all__ = [
    "GradableLink",
    "GradeToSend",
    "course_exists",
    "due_grade_ids",
    "due_search_ids",
    "find_grade_to_send",
    "find_search",
    "gradable_links",
    "grades_of",
    "links_of_module",
    "list_grades",
    "made_columns",
]
