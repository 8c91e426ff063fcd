"""The external tools an administrator configured."""

from enum import StrEnum

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_app.demo.models_base import Base


class ToolState(StrEnum):
    """Whether teachers are offered the tool."""

    PENDING = "pending"
    """Registered by the tool itself; an administrator must activate it."""
    CONFIGURED = "configured"
    DELETED = "deleted"
    """Kept for the activities that point at it: they cannot be launched any more."""


class GradeService:
    """Moodle's numbers for what a tool may do with the gradebook."""

    NONE = 0
    WITHOUT_COLUMNS = 1
    """Scores and results, columns read only."""
    WITH_COLUMNS = 2


class AcceptGrades:
    """Moodle's numbers for « Accepter les notes de l’outil »."""

    NEVER = 0
    ALWAYS = 1
    DELEGATE = 2
    """As the content item or the teacher says."""


class ToolType(Base):
    """One configuration of an external tool; `id` is the deployment id and the `type_id`.

    Addresses left empty are those of the Relais that this LMS was started for.
    """

    __tablename__ = "tool_type"

    id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str]
    name: Mapped[str] = mapped_column(default="Outil externe Relais")
    description: Mapped[str] = mapped_column(Text, default="")
    logo_url: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default=ToolState.CONFIGURED)
    in_chooser: Mapped[bool] = mapped_column(default=True)
    """« Afficher dans le sélecteur d’activités »."""
    launch_url: Mapped[str] = mapped_column(default="")
    """« URL de l’outil »: the target of activities that have none of their own."""
    login_url: Mapped[str] = mapped_column(default="")
    redirect_uris: Mapped[str] = mapped_column(Text, default="")
    """One a line; an authentication request must name one of them exactly."""
    jwks_url: Mapped[str] = mapped_column(default="")
    deep_linking: Mapped[bool] = mapped_column(default=True)
    deep_linking_url: Mapped[str] = mapped_column(default="")
    """Empty: the tool's launch address."""
    shares_name: Mapped[bool] = mapped_column(default=True)
    shares_email: Mapped[bool] = mapped_column(default=True)
    grade_service: Mapped[int] = mapped_column(default=GradeService.WITH_COLUMNS)
    accept_grades: Mapped[int] = mapped_column(default=AcceptGrades.DELEGATE)
    member_service: Mapped[bool] = mapped_column(default=True)
    setting_service: Mapped[bool] = mapped_column(default=False)
    """Only remembered: this LMS has no tool settings service."""
    custom: Mapped[str] = mapped_column(Text, default="")
    """Custom parameters added to every launch, one `key=value` a line."""
