"""How long a lesson takes: words at a steady reading pace, and half a minute a question."""

from lti_app.content.rules.markdown import count_words, parse, plain_text
from lti_app.content.rules.schema import LessonSource

WORDS_PER_MINUTE = 200
MINUTES_PER_QUESTION = 0.5
MARGIN_MINUTES = 2
"""Announced time may differ from computed time by this much."""
SHORTEST_LESSON, LONGEST_LESSON = 8, 12


def lesson_words(lesson: LessonSource) -> int:
    """Words read: titles and boxes included, calls to sources left out."""
    return count_words(plain_text(parse(lesson.body)))


def lesson_minutes(words: int, questions: int) -> float:
    """Minutes to read a lesson of so many words and answer its questions."""
    return words / WORDS_PER_MINUTE + questions * MINUTES_PER_QUESTION
