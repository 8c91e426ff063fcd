"""Scheduling: when does a question come back, on which local day, in which session.

Pure arithmetic on values given by the caller: no database, no web, no clock, no randomness. A past
can therefore be replayed from the raw answers, whatever the scheduler of the day.
"""
