"""LTI core, §6.1 of 1EdTech's certification guide: one test per case, in its own words.

« LTI Advantage Conformance Certification Guide », version 3 (23 January 2024), tool conformance.
"""

import jwt

from lti_app.lti.rules import claims as claim
from tests.certification.attempts import (
    INSTRUCTOR,
    LEARNER,
    MEMBERSHIP,
    Attempt,
    assert_opened,
    assert_refused,
)
from tests.platform_double import private_key

TRAINER_ROOM, LEARNER_ROOM = "/suivi/", "/session/"
NAMES = ("name", "given_name", "family_name")


def drop(attempt: Attempt, *names: str) -> None:
    for name in names:
        del attempt.claims[name]


class TestKnownBadPayloads:
    """6.1.1 Known "Bad" Payloads: in one or another way known to be invalid for 1.3 Core."""

    def test_no_kid_sent_in_jwt_header(self, attempt: Attempt) -> None:
        """The KID is missing from the header of the JWT (preventing the verification of the
        signing of the JWT)."""
        attempt.sign = lambda it: jwt.encode(
            it.claims, private_key(), algorithm="RS256", headers={"badtestonly": "12345"}
        )
        assert_refused(attempt, "LTI-CLE")

    def test_incorrect_kid_in_jwt_header(self, attempt: Attempt) -> None:
        """The KID provided is incorrect (and signing verification is impossible)."""
        attempt.header["kid"] = "imstester_66067"
        assert_refused(attempt, "LTI-CLE")

    def test_wrong_lti_version(self, attempt: Attempt) -> None:
        """The LTI version claim contains the wrong version."""
        attempt.claims[claim.VERSION] = "11.3"
        assert_refused(attempt, "LTI-VERSION")

    def test_no_lti_version(self, attempt: Attempt) -> None:
        """The LTI version claim is missing."""
        drop(attempt, claim.VERSION)
        assert_refused(attempt, "LTI-VERSION")

    def test_invalid_lti_message(self, attempt: Attempt) -> None:
        """The provided JSON is NOT a 1.3 JWT launch."""
        attempt.claims = {"name": "badltilaunch"}
        assert_refused(attempt, "LTI-JETON")

    def test_missing_lti_claims(self, attempt: Attempt) -> None:
        """The provided 1.3 JWT launch is missing one or more required claims."""
        drop(attempt, "aud", "iss", "sub", claim.DEPLOYMENT_ID, claim.ROLES)
        assert_refused(attempt, "LTI-JETON")

    def test_timestamps_incorrect(self, attempt: Attempt) -> None:
        """JWT iat and exp timestamp Values are Invalid."""
        attempt.claims |= {"iat": 11111, "exp": 22222}
        assert_refused(attempt, "LTI-HORLOGE")

    def test_message_type_claim_missing(self, attempt: Attempt) -> None:
        """The Required message_type Claim Not Present."""
        drop(attempt, claim.MESSAGE_TYPE)
        assert_refused(attempt, "LTI-MESSAGE")

    def test_role_claim_missing(self, attempt: Attempt) -> None:
        """The Required role Claim Not Present."""
        drop(attempt, claim.ROLES)
        assert_refused(attempt, "LTI-ROLES")

    def test_deployment_id_claim_missing(self, attempt: Attempt) -> None:
        """The Required deployment_id Claim Not Present."""
        drop(attempt, claim.DEPLOYMENT_ID)
        assert_refused(attempt, "LTI-DEPLOIEMENT")

    def test_resource_link_id_claim_missing(self, attempt: Attempt) -> None:
        """The Required resource_link_id Claim Not Present."""
        drop(attempt, claim.RESOURCE_LINK)
        assert_refused(attempt, "LTI-LIEN")

    def test_resource_link_without_its_id(self, attempt: Attempt) -> None:
        """The Required resource_link_id Claim Not Present: an object without « id »."""
        attempt.claims[claim.RESOURCE_LINK] = {}
        assert_refused(attempt, "LTI-LIEN")

    def test_resource_link_null(self, attempt: Attempt) -> None:
        """The Required resource_link_id Claim Not Present: null, on which PyLTI1p3 fails."""
        attempt.claims[claim.RESOURCE_LINK] = None
        assert_refused(attempt, "LTI-LIEN")

    def test_user_claim_missing(self, attempt: Attempt) -> None:
        """The Required sub Claim Not Present."""
        drop(attempt, "sub")
        assert_refused(attempt, "LTI-PERSONNE")


class TestValidTeacherLaunches:
    """6.1.2 Valid Teacher Launches."""

    def test_valid_instructor_launch(self, attempt: Attempt) -> None:
        """Launch LTI 1.3 Message as Instructor."""
        attempt.claims[claim.ROLES] = [INSTRUCTOR]
        assert_opened(attempt, TRAINER_ROOM)

    def test_valid_instructor_launch_with_roles(self, attempt: Attempt) -> None:
        """Launch Instructor with Multiple Role Values."""
        attempt.claims[claim.ROLES] = [INSTRUCTOR, f"{MEMBERSHIP}#Mentor"]
        assert_opened(attempt, TRAINER_ROOM)

    def test_valid_instructor_launch_short_role(self, attempt: Attempt) -> None:
        """Launch Instructor with Short Role Value."""
        attempt.claims[claim.ROLES] = ["Instructor"]
        assert_opened(attempt, TRAINER_ROOM)

    def test_valid_instructor_launch_unknown_role(self, attempt: Attempt) -> None:
        """Launch Instructor with Unknown Role."""
        attempt.claims[claim.ROLES] = [
            f"{MEMBERSHIP}#Unknown1",
            "http://example.org/#Helper",
            INSTRUCTOR,
        ]
        assert_opened(attempt, TRAINER_ROOM)

    def test_valid_instructor_launch_no_role(self, attempt: Attempt) -> None:
        """Launch Instructor With No Role: nobody is a trainer whom the LMS does not say so."""
        attempt.claims[claim.ROLES] = []
        assert_opened(attempt, LEARNER_ROOM)

    def test_valid_instructor_launch_email_only(self, attempt: Attempt) -> None:
        """Launch Instructor Only Email."""
        attempt.claims[claim.ROLES] = [INSTRUCTOR]
        drop(attempt, *NAMES)
        assert_opened(attempt, TRAINER_ROOM)

    def test_valid_instructor_launch_names_only(self, attempt: Attempt) -> None:
        """Launch Instructor Only Names."""
        attempt.claims[claim.ROLES] = [INSTRUCTOR]
        drop(attempt, "email")
        assert_opened(attempt, TRAINER_ROOM)

    def test_valid_instructor_no_pii(self, attempt: Attempt) -> None:
        """Launch Instructor No PII."""
        attempt.claims[claim.ROLES] = [INSTRUCTOR]
        drop(attempt, *NAMES, "email")
        assert_opened(attempt, TRAINER_ROOM)

    def test_valid_instructor_email_without_context(self, attempt: Attempt) -> None:
        """Launch Instructor With Email No Context."""
        attempt.claims[claim.ROLES] = [INSTRUCTOR]
        drop(attempt, *NAMES, claim.CONTEXT)
        assert_opened(attempt, TRAINER_ROOM)


class TestValidStudentLaunches:
    """6.1.3 Valid Student Launches."""

    def test_valid_student_launch(self, attempt: Attempt) -> None:
        """Launch LTI 1.3 Message as Student."""
        assert "Zoé N&#39;Guessan" in assert_opened(attempt, LEARNER_ROOM)

    def test_valid_student_launch_with_roles(self, attempt: Attempt) -> None:
        """Launch Student with Multiple Role Values."""
        attempt.claims[claim.ROLES] = [LEARNER, f"{MEMBERSHIP}#Mentor"]
        assert_opened(attempt, LEARNER_ROOM)

    def test_valid_student_launch_short_role(self, attempt: Attempt) -> None:
        """Launch Student with Short Role Value."""
        attempt.claims[claim.ROLES] = ["Learner"]
        assert_opened(attempt, LEARNER_ROOM)

    def test_valid_student_launch_unknown_role(self, attempt: Attempt) -> None:
        """Launch Student with Unknown Role."""
        attempt.claims[claim.ROLES] = [
            f"{MEMBERSHIP}#Unknown1",
            "http://example.org/#Helper",
            LEARNER,
        ]
        assert_opened(attempt, LEARNER_ROOM)

    def test_valid_student_launch_no_role(self, attempt: Attempt) -> None:
        """Launch Student With No Role."""
        attempt.claims[claim.ROLES] = []
        assert_opened(attempt, LEARNER_ROOM)

    def test_valid_student_launch_email_only(self, attempt: Attempt) -> None:
        """Launch Student Only Email."""
        drop(attempt, *NAMES)
        assert_opened(attempt, LEARNER_ROOM)

    def test_valid_student_launch_names_only(self, attempt: Attempt) -> None:
        """Launch Student Only Names."""
        drop(attempt, "email")
        assert_opened(attempt, LEARNER_ROOM)

    def test_valid_student_no_pii(self, attempt: Attempt) -> None:
        """Launch Student No PII."""
        drop(attempt, *NAMES, "email")
        assert_opened(attempt, LEARNER_ROOM)

    def test_valid_student_email_without_context(self, attempt: Attempt) -> None:
        """Launch Student With Email No Context."""
        drop(attempt, *NAMES, claim.CONTEXT)
        assert_opened(attempt, LEARNER_ROOM)
