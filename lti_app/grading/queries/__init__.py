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
from lti_app.grading.queries.results import (
    SentAndShown,
    graded_link_ids,
    people_by_sub,
    readings_of_course,
    sent_and_shown,
    stale_link_ids,
)

__all__ = [
    "GradableLink",
    "GradeToSend",
    "SentAndShown",
    "course_exists",
    "due_grade_ids",
    "due_search_ids",
    "find_grade_to_send",
    "find_search",
    "gradable_links",
    "graded_link_ids",
    "grades_of",
    "links_of_module",
    "list_grades",
    "made_columns",
    "people_by_sub",
    "readings_of_course",
    "sent_and_shown",
    "stale_link_ids",
]
