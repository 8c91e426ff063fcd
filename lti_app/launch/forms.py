"""The form of a content selection. What it answers travels sealed in `token`."""

from collections.abc import Sequence
from enum import StrEnum

from werkzeug.datastructures import MultiDict
from wtforms import Form, SelectMultipleField
from wtforms.validators import ValidationError

from lti_app.launch.rules import Offer

FormData = MultiDict[str, str]


class Step(StrEnum):
    """What the button that was pressed asks."""

    CHECK = "verifier"
    """Show what will be added, and what is left to do."""
    CHANGE = "modifier"
    SEND = "ajouter"
    CANCEL = "annuler"


NOTHING_CHOSEN = "Choisissez au moins un contenu, ou annulez."
ONLY_ONE = "Votre plateforme n’en accepte qu’un : choisissez un seul contenu."
NOT_OFFERED = "Un de ces contenus n’est plus proposé : choisissez de nouveau."


class ContentsForm(Form):
    """Which contents were ticked, among those on offer."""

    choice = SelectMultipleField(validate_choice=False)  # in our own words, below

    def __init__(
        self, formdata: FormData | None, offered: Sequence[Offer], *, multiple: bool
    ) -> None:
        super().__init__(formdata)
        self.offered = tuple(offered)
        self._multiple = multiple

    def validate_choice(self, field: SelectMultipleField) -> None:
        values = set(field.data or ())
        if not values:
            raise ValidationError(NOTHING_CHOSEN)
        if not values <= {offer.target for offer in self.offered}:
            raise ValidationError(NOT_OFFERED)
        if len(values) > 1 and not self._multiple:
            raise ValidationError(ONLY_ONE)

    @property
    def chosen(self) -> tuple[Offer, ...]:
        """In the order of the page, each once, whatever was posted."""
        values = set(self.choice.data or ())
        return tuple(offer for offer in self.offered if offer.target in values)

    @property
    def error(self) -> str | None:
        """What is wrong, once validated."""
        return str(self.choice.errors[0]) if self.choice.errors else None


def step_of(formdata: FormData) -> Step:
    """The step asked for; an unknown one shows the choice again."""
    try:
        return Step(formdata.get("action", Step.CHECK))
    except ValueError:
        return Step.CHANGE
