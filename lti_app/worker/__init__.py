"""The Celery worker and beat: `celery -A lti_app.worker worker -B`."""

from lti_app.app import create_app
from lti_app.core.background import celery_of

flask_app = create_app()
celery = celery_of(flask_app)
