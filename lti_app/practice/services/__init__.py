"""What the learner's pages show, and what answering and reading do."""

from lti_app.practice.services.answering import Answered, Read, answer_question, record_reading
from lti_app.practice.services.draft import WaitingDraft, waiting_draft
from lti_app.practice.services.feedback import FeedbackPage, show_feedback
from lti_app.practice.services.glossary import GlossaryPage, show_glossary
from lti_app.practice.services.kit import KitFile, KitPage, print_kit, show_kit
from lti_app.practice.services.lesson import LessonPage, show_lesson
from lti_app.practice.services.module import ModulePage, show_module
from lti_app.practice.services.path import PathPage, show_path
from lti_app.practice.services.question import QuestionPage, show_question
from lti_app.practice.services.review import ReviewPage, compose_review, show_review
from lti_app.practice.services.visit import NotPublished, Visit, open_visit

__all__ = [
    "Answered",
    "FeedbackPage",
    "GlossaryPage",
    "KitFile",
    "KitPage",
    "LessonPage",
    "ModulePage",
    "NotPublished",
    "PathPage",
    "QuestionPage",
    "Read",
    "ReviewPage",
    "Visit",
    "WaitingDraft",
    "answer_question",
    "compose_review",
    "open_visit",
    "print_kit",
    "record_reading",
    "show_feedback",
    "show_glossary",
    "show_kit",
    "show_lesson",
    "show_module",
    "show_path",
    "show_question",
    "show_review",
    "waiting_draft",
]
