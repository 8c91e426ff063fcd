"""What administrators fill in to change a platform."""

from flask_wtf import FlaskForm
from wtforms import StringField

from lti_app.admin.forms.filters import without_nul
from lti_app.people.models import Role

NAME_LENGTH = 80

MEANINGS: dict[str, Role | None] = {
    "usual": None,
    Role.TRAINER.value: Role.TRAINER,
    Role.LEARNER.value: Role.LEARNER,
}
"""What an administrator may say of a role, by the value of its select."""


class NameForm(FlaskForm):  # type: ignore[misc]
    """The name of a platform on our side."""

    nom = StringField(filters=[without_nul])

    @property
    def name(self) -> str:
        """Without needless spaces."""
        return " ".join((self.nom.data or "").split())

    def problem(self) -> str | None:
        """Why the name cannot be, in French; None when it can."""
        if not self.name:
            return "Écrivez un nom."
        if len(self.name) > NAME_LENGTH:
            return f"{NAME_LENGTH} caractères au plus."
        if not self.name.isprintable():
            return "Ce nom contient un caractère invisible."
        return None


class RoleForm(FlaskForm):  # type: ignore[misc]
    """What one role means."""

    role = StringField()
    sens = StringField()

    def chosen(self) -> tuple[str, Role | None]:
        """The role, as received, and what it shall mean. Raises LookupError for anything else."""
        return self.role.data or "", MEANINGS[self.sens.data or ""]
