"""The demonstration LMS: another site, on lti1p3platform, that behaves like a real Moodle 4.5.

It lets anyone try Relais without a Moodle (`relais demo lms`) and lets the tests meet a platform
that is as strict, and as odd, as the real one: 60 s tokens, exact media types, erased grades, 409
on an old timestamp, short roster roles. What it answers was copied from the samples of a Moodle
4.5.6 kept in `tests/fixtures/moodle`.

Besides launches and services it plays the administrator's side (Dynamic Registration, Moodle's
tool form, activation) and the teacher's (content selection, completion conditions, course copies).
Its own storage for tools without cookies is the one thing it can do that Moodle cannot.

It shares nothing with the tool: its own Flask app, its own SQLite file, its own templates, so that
a launch really crosses from one site to another. It must never be exposed to the internet: anyone
may sign in as anyone.
"""
