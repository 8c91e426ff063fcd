"""The worker and beat of Relais, with a beat every second: `celery --app tests.journeys.hurried`.

Only the interval differs: a journey must not wait for minutes to see what beat does.
"""

from datetime import timedelta

from lti_app import grading, roster
from lti_app.worker import celery

BEAT = timedelta(seconds=1)

for _entry in celery.conf.beat_schedule.values():
    if _entry["schedule"] in {grading.RESENT_EVERY, roster.LOOKED_AT_EVERY}:
        _entry["schedule"] = BEAT
celery.conf.beat_max_loop_interval = BEAT.total_seconds()
