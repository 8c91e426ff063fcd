"""Assignments and grades, §6.4 of 1EdTech's certification guide.

« It is the responsibility of the Tool alone to work with the AGS API to create lineitems and
scores »: each step of that work is a test, in two contexts, with the wording of the guide's
version 1 where it named them one by one.
"""

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lti_app.completion.models import ModuleCompletion
from lti_app.completion.rules import CompletionState
from lti_app.content.services import sync_content
from lti_app.core import clock
from lti_app.grading import tasks
from lti_app.grading.models import GradeState, LmsResult, OwedGrade
from lti_app.grading.queries import due_grade_ids, due_search_ids
from lti_app.lti.rules import claims as claim
from lti_app.lti.services.keys import ensure_key
from lti_app.people.models import Identity, ResourceLink
from tests.certification.attempts import Attempt, assert_opened
from tests.certification.guide.reference_platform import (
    LINE_ITEM,
    RESULT,
    SCORE,
    Asked,
    ReferencePlatform,
)
from tests.conftest import SECRET_KEY
from tests.factories import NOW
from tests.unit.content.sample import write_courses

MODULE = "petit"
CONTEXTS = ("2", "3")


def launch(attempt: Attempt, platform: ReferencePlatform, context: str) -> None:
    """A student's launch whose AGS claim gives the line items of the course, and no line item."""
    attempt.begun = attempt.platform.begin(attempt.begun.client)
    attempt.claims = attempt.platform.claims(
        attempt.begun.nonce,
        **{
            claim.CONTEXT: {"id": context, "title": f"Parcours {context}"},
            claim.RESOURCE_LINK: {"id": f"link-{context}", "title": "Un petit module"},
            claim.CUSTOM: {"module": MODULE},
            claim.AGS: {
                "lineitems": platform.line_items_url(context),
                "scope": [LINE_ITEM, SCORE, RESULT],
            },
        },
    )
    assert_opened(attempt, "/session/")


def complete_the_module(session: Session) -> None:
    """As a student who got 90 out of 100."""
    session.add(
        ModuleCompletion(
            person_id=session.scalars(sa.select(Identity.person_id)).one(),
            module_id=MODULE,
            state=CompletionState.COMPLETED,
            score=90,
            best_score=90,
            lessons_read=7,
            questions_answered=42,
            started_at=NOW,
            completed_at=NOW,
            last_activity_at=NOW,
        )
    )
    session.commit()


def work(session: Session) -> None:
    """What the worker does: find or make the columns, send the scores, read the results."""
    session.rollback()
    send_what_is_owed(session)  # finds that there is no column
    for search_id in due_search_ids(session, now=clock.now(), limit=10):
        tasks.find_line_item.run(search_id)
    send_what_is_owed(session)
    for link_id in session.scalars(sa.select(ResourceLink.id)).all():
        tasks.read_link_results.run(link_id)
    session.rollback()


def send_what_is_owed(session: Session) -> None:
    for grade_id in due_grade_ids(session, now=clock.now(), limit=10):
        tasks.send_grade.run(grade_id)


@pytest.fixture
def platform(attempt: Attempt, session: Session, tmp_path: Path) -> ReferencePlatform:
    """A platform where a student completed the module of an activity in two contexts."""
    ensure_key(session, secret_key=SECRET_KEY, now=NOW)
    sync_content(session, folder=write_courses(tmp_path), now=NOW)
    session.commit()
    reference = ReferencePlatform(attempt.platform, attempt.mock, attempt.begun.client)
    reference.open(*CONTEXTS)
    launch(attempt, reference, CONTEXTS[0])
    complete_the_module(session)
    for context in CONTEXTS:
        launch(attempt, reference, context)
    work(session)
    return reference


def requests_of(platform: ReferencePlatform, method: str, end: str) -> list[Asked]:
    return [
        asked
        for asked in platform.asked
        if asked.method == method and asked.url.partition("?")[0].endswith(end)
    ]


class TestAssignmentsAndGrades:
    """6.4 Assignment and Grade Services Testing."""

    def test_valid_launch(self, platform: ReferencePlatform, session: Session) -> None:
        """Launch LTI 1.3 Message as Student - will have AGS claim for the necessary lineitems
        URL."""
        kept = session.scalars(sa.select(ResourceLink.line_items_url)).all()
        assert set(kept) == {platform.line_items_url(context) for context in CONTEXTS}

    def test_receive_lineitems_request(self, platform: ReferencePlatform) -> None:
        """AGS - Receive Service Request: is there a column already?"""
        asked = requests_of(platform, "GET", "/lineitems")
        assert len(asked) >= len(CONTEXTS)
        for each in asked:
            assert each.accept == "application/vnd.ims.lis.v2.lineitemcontainer+json"
            assert LINE_ITEM in each.scopes

    def test_receive_lineitem_request(self, platform: ReferencePlatform) -> None:
        """AGS - Receive Service Request: one line item made in each context, and one only."""
        asked = requests_of(platform, "POST", "/lineitems")
        assert sorted(each.url for each in asked) == sorted(
            platform.line_items_url(context) for context in CONTEXTS
        )
        for each in asked:
            assert each.content_type == "application/vnd.ims.lis.v2.lineitem+json"
            assert each.scopes == {LINE_ITEM}
            assert each.body["scoreMaximum"] == 100
            assert each.body["label"] == "Un petit module"
            assert each.body["resourceId"] == MODULE

    def test_receive_score_post_request(
        self, platform: ReferencePlatform, session: Session
    ) -> None:
        """AGS - Receive Service Request, Verify Request Header Required Parameters, Verify OAuth2
        Scopes: the score, with the scope of scores alone."""
        asked = requests_of(platform, "POST", "/scores")
        assert len(asked) == len(CONTEXTS)
        for each in asked:
            assert each.content_type == "application/vnd.ims.lis.v1.score+json"
            assert each.scopes == {SCORE}
            assert each.body["userId"] == "5"
            assert (each.body["scoreGiven"], each.body["scoreMaximum"]) == (90, 100)
            assert each.body["activityProgress"] == "Completed"
            assert each.body["gradingProgress"] == "FullyGraded"
        assert set(session.scalars(sa.select(OwedGrade.state))) == {GradeState.SENT}

    def test_receive_result_get_request(
        self, platform: ReferencePlatform, session: Session
    ) -> None:
        """AGS - Receive Service Request: the results, read back unpaged."""
        asked = requests_of(platform, "GET", "/results")
        assert len(asked) == len(CONTEXTS)
        for each in asked:
            assert each.accept == "application/vnd.ims.lis.v2.resultcontainer+json"
            assert each.scopes == {RESULT}
            assert "limit" not in each.url
        assert set(session.scalars(sa.select(LmsResult.score))) == {90.0}

    def test_verify_bearer_tokens(self, platform: ReferencePlatform) -> None:
        """AGS - Verify OAuth2 Token: each scope asked for once, whatever the number of requests."""
        scopes = list(platform.tokens.values())
        assert len(scopes) == len(set(scopes)) == 3
