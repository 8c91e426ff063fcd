"""The preview of authors: the learner's own pages, over a folder being written. No LMS, no login.

It is the application itself on a database thrown away at the end, so that an author sees what
learners see. Above all rooms, beside `demo`: only the command line starts it, on loopback only.
"""
