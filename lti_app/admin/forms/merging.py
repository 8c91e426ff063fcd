"""Linking two LMS, and merging by hand."""

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

LARGEST_ID = 2_147_483_647


class SuccessionForm(FlaskForm):  # type: ignore[misc]
    """Which LMS replaces which."""

    former_issuer = SelectField("Ancienne plateforme", validators=[InputRequired()])
    issuer = SelectField("Nouvelle plateforme", validators=[InputRequired()])


class NumberField(IntegerField):
    """Shows back a number only: what was typed instead may hold what no page can."""

    def _value(self) -> str:
        return "" if self.data is None else str(self.data)


class PairForm(FlaskForm):  # type: ignore[misc]
    """Two persons that an administrator knows to be one."""

    kept = NumberField(
        "Numéro de la personne connue de l’ancienne plateforme",
        validators=[
            InputRequired("Indiquez un numéro de personne."),
            NumberRange(1, LARGEST_ID, "Ce numéro n’est pas celui d’une personne."),
        ],
    )
    merged = NumberField(
        "Numéro de la personne connue de la nouvelle plateforme",
        validators=[
            InputRequired("Indiquez un numéro de personne."),
            NumberRange(1, LARGEST_ID, "Ce numéro n’est pas celui d’une personne."),
        ],
    )
