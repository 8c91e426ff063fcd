"""The learner of practice, before the sample module."""

from tests.unit.practice.conftest import content, courses, enrol, learner

__all__ = ["content", "courses", "enrol", "learner"]
