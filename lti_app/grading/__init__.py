"""The outbox towards the LMS gradebook: a score that is owed is kept until the LMS has it."""
