"""What the demonstration LMS remembers. Its own metadata: nothing here is the tool's.

Instants are Unix seconds, as in Moodle's own tables: the comparison of score timestamps in whole
seconds is part of the behaviour to reproduce.
"""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_app.demo.models_base import Base
from lti_app.demo.models_tools import ToolType

SITE_COURSE_ID = 1
"""Moodle's front page is course 1; every account of the site is in it."""


class Role(StrEnum):
    """Role of a person in one course, by Moodle's short names."""

    STUDENT = "student"
    EDITING_TEACHER = "editingteacher"
    TEACHER = "teacher"
    """Non-editing teacher: Instructor in a launch, Learner in the roster."""
    MANAGER = "manager"


class SiteRole(StrEnum):
    """Role of a person on the whole site."""

    NONE = ""
    MANAGER = "manager"
    ADMIN = "admin"


class CompletionRule(StrEnum):
    """When an activity becomes complete by itself."""

    NONE = ""
    GRADE = "grade"
    """« Recevoir une note »: any final score, even 0."""
    PASS_GRADE = "passgrade"  # noqa: S105 - not a password
    """« Recevoir une note de passage »."""


class MessageKind(StrEnum):
    """What a launch carries to the tool."""

    RESOURCE_LINK = "LtiResourceLinkRequest"
    DEEP_LINKING = "LtiDeepLinkingRequest"
    SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"
    DATA_PRIVACY = "DataPrivacyLaunchRequest"
    UNKNOWN = "LtiDemonstrationUnknownRequest"
    """No specification knows it: to see what the tool says."""


class KeptSecret(Base):
    """A secret drawn at the first start: signing key, cookie key, salt."""

    __tablename__ = "kept_secret"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class Person(Base):
    """An account of the LMS; `id` is the `sub` that the tool sees."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    given_name: Mapped[str]
    family_name: Mapped[str]
    email: Mapped[str]
    idnumber: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    lang: Mapped[str] = mapped_column(default="fr")
    site_role: Mapped[str] = mapped_column(default=SiteRole.NONE)
    identity_withheld: Mapped[bool] = mapped_column(default=False)
    """Neither name nor e-mail leaves the LMS for this person, whatever the tool's setting."""

    @property
    def name(self) -> str:
        """Full name, given name first."""
        return f"{self.given_name} {self.family_name}"


class Course(Base):
    """A course: an LTI context."""

    __tablename__ = "course"

    id: Mapped[int] = mapped_column(primary_key=True)
    shortname: Mapped[str] = mapped_column(unique=True)
    fullname: Mapped[str]
    summary: Mapped[str] = mapped_column(Text, default="")
    idnumber: Mapped[str] = mapped_column(default="")
    starts_at: Mapped[int] = mapped_column(default=0)
    copied_from: Mapped[int | None]
    """The course this one is a copy of."""


class Enrolment(Base):
    """A person in a course."""

    __tablename__ = "enrolment"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    role: Mapped[str]
    suspended: Mapped[bool] = mapped_column(default=False)

    person: Mapped[Person] = relationship(lazy="joined")


class Activity(Base):
    """An external-tool activity; `id` is the resource link id, `cmid` the course module id."""

    __tablename__ = "activity"

    id: Mapped[int] = mapped_column(primary_key=True)
    cmid: Mapped[int] = mapped_column(unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    tool_type_id: Mapped[str] = mapped_column(ForeignKey("tool_type.id"))
    name: Mapped[str]
    intro: Mapped[str] = mapped_column(Text, default="")
    custom: Mapped[str] = mapped_column(Text, default="")
    """Custom parameters of this activity, one `key=value` a line."""
    target_link_uri: Mapped[str] = mapped_column(default="")
    """Empty: the tool's launch address."""
    icon_url: Mapped[str] = mapped_column(default="")
    broken: Mapped[bool] = mapped_column(default=False)
    """Its own address belongs to no configured tool: it cannot be launched."""
    completion_rule: Mapped[str] = mapped_column(default=CompletionRule.NONE)

    course: Mapped[Course] = relationship(lazy="joined")
    tool_type: Mapped[ToolType] = relationship(lazy="joined")
    line_items: Mapped[list["LineItem"]] = relationship(back_populates="activity")


class LineItem(Base):
    """A column of the gradebook."""

    __tablename__ = "line_item"
    __table_args__ = (CheckConstraint("score_maximum >= 0", name="score_maximum_not_negative"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    tool_type_id: Mapped[str] = mapped_column(ForeignKey("tool_type.id"))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"))
    coupled: Mapped[bool] = mapped_column(default=False)
    """Made by the activity itself: cannot be deleted, drives completion."""
    label: Mapped[str]
    score_maximum: Mapped[float]
    pass_score: Mapped[float] = mapped_column(default=0.0)
    resource_id: Mapped[str | None] = mapped_column(String)
    """None: Moodle has no service record for the column and leaves the field out."""
    tag: Mapped[str] = mapped_column(default="")

    activity: Mapped[Activity | None] = relationship(back_populates="line_items")


class Grade(Base):
    """The mark of one person in one column."""

    __tablename__ = "grade"
    __table_args__ = (UniqueConstraint("line_item_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    line_item_id: Mapped[int] = mapped_column(ForeignKey("line_item.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    raw_score: Mapped[float | None]
    """As received and rescaled, before clipping; None once erased."""
    final_score: Mapped[float | None]
    feedback: Mapped[str | None] = mapped_column(Text)
    scored_at: Mapped[int | None]
    """The tool's timestamp, in seconds. An erased grade loses it, as in Moodle."""


class ReceivedScore(Base):
    """One call of the tool to a scores endpoint, kept for tests and for the curious."""

    __tablename__ = "received_score"

    id: Mapped[int] = mapped_column(primary_key=True)
    received_at: Mapped[int]
    line_item_id: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    status: Mapped[int]


class AccessToken(Base):
    """A bearer token given to the tool."""

    __tablename__ = "access_token"

    token: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str]
    scopes: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[int]


class PendingLaunch(Base):
    """A launch that was initiated and whose authentication request has not come yet."""

    __tablename__ = "pending_launch"

    launch_id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str]
    """The browser session that started it: nobody else may use it."""
    tool_type_id: Mapped[str] = mapped_column(ForeignKey("tool_type.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(default=MessageKind.RESOURCE_LINK)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    about_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Whose attempt is reviewed, or whose data are asked about."""
    container: Mapped[int]
    created_at: Mapped[int]


class Selection(Base):
    """What the tool answered to a content selection, until the teacher saves it."""

    __tablename__ = "selection"

    id: Mapped[str] = mapped_column(primary_key=True)
    session_id: Mapped[str]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    tool_type_id: Mapped[str] = mapped_column(ForeignKey("tool_type.id", ondelete="CASCADE"))
    nonce: Mapped[str] = mapped_column(default="")
    """Of the answer; when checks are strict it cannot come twice."""
    drafts: Mapped[str] = mapped_column(Text)
    """JSON list of the drafts of `deep_linking_items.draft`."""
    message: Mapped[str] = mapped_column(Text, default="")
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[int]
