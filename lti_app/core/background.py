"""Celery, tied to the Flask application: every task runs inside an application context.

Tasks are declared with `shared_task` in their room; the room adds its periodic ones with
`every(app, …)` from its `init_app`.
"""

from datetime import timedelta
from typing import Any

from celery import Celery, Task
from flask import Flask

from lti_app.core.database import db
from lti_app.core.logging import get_logger
from lti_app.core.settings import Settings

EXTENSION = "celery"


def init_background(app: Flask, settings: Settings) -> None:
    """Create the Celery application. Connects to nothing until a task is queued."""

    class ContextTask(Task):  # type: ignore[type-arg]
        def __call__(self, *args: object, **kwargs: object) -> object:
            with app.app_context():
                try:
                    return self.run(*args, **kwargs)
                finally:
                    db.session.rollback()

    celery = Celery("relais", task_cls=ContextTask)
    celery.conf.update(
        broker_url=settings.effective_broker_url,
        broker_transport_options=_transport_options(settings),
        broker_connection_retry_on_startup=True,
        # A web request must not hang on a dead broker: what is owed is in the database already.
        task_publish_retry=False,
        broker_connection_timeout=2,
        task_ignore_result=True,
        # Acknowledged when they begin: a task that ends after its broker was lost cannot be
        # acknowledged any more, and kombu 5.7 then ends the worker. What a dead worker leaves
        # undone is found in the database by the periodic tasks, not in the broker.
        task_acks_late=False,
        worker_prefetch_multiplier=1,
        task_soft_time_limit=120,
        task_time_limit=180,
        worker_hijack_root_logger=False,
        task_serializer="json",
        accept_content=["json"],
        timezone="UTC",
        beat_schedule={},
        beat_schedule_filename=str(settings.instance_path / "celerybeat-schedule"),
    )
    celery.set_default()
    app.extensions[EXTENSION] = celery


def _transport_options(settings: Settings) -> dict[str, Any]:
    url = settings.effective_broker_url
    if url.startswith("filesystem://"):
        folder = settings.instance_path / "broker"
        for name in ("queue", "control"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        # One folder for both directions: what one process puts in, the other takes out.
        return {
            "data_folder_in": str(folder / "queue"),
            "data_folder_out": str(folder / "queue"),
            "control_folder": str(folder / "control"),
        }
    if url.startswith(("redis://", "rediss://", "redis+socket://")):
        _outlive_redis()
        return {
            "socket_connect_timeout": 2,
            "socket_timeout": 5,
            "max_retries": 0,
            "visibility_timeout": 600,
        }
    return {}


def _outlive_redis() -> None:
    """Keep the worker alive when Redis goes away while messages wait for their turn in it.

    kombu 5.7 would put them back through the connection that was just lost, and end the worker on
    an AttributeError. Left where they are, they come again after the visibility time-out.
    """
    from kombu.transport import redis

    redis.Channel.do_restore = False


def celery_of(app: Flask) -> Celery:
    """The Celery application of this Flask application."""
    celery: Celery = app.extensions[EXTENSION]
    return celery


def every(app: Flask, name: str, task: str, interval: timedelta) -> None:
    """Have beat run the task named `task` (its Celery name) at each interval."""
    celery_of(app).conf.beat_schedule[name] = {"task": task, "schedule": interval}


def enqueue(task: Any, *args: object) -> bool:
    """Queue a task, after the commit. False, and a log line, when the broker is not there.

    Nothing is lost then: each task queued this way has a periodic task that finds what it missed.
    """
    try:
        task.apply_async(args=args, retry=False)
    except Exception as error:  # noqa: BLE001 - each transport raises its own kinds
        get_logger().warning("broker_unreachable", task=task.name, error=type(error).__name__)
        return False
    return True
