"""The filters of the trainer's page: a GET form, so that an address says what is shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, SearchField, SelectField
from wtforms.i18n import get_translations
from wtforms.validators import Length

from lti_app.completion.rules import CompletionState
from lti_app.reports.rules.rows import Column, GradeStatus
from lti_app.reports.rules.selection import (
    BY_NAME,
    Activity,
    Filters,
    Presence,
    parse_sorting,
)
from lti_app.reports.rules.wording import (
    ACTIVITY_LABELS,
    GRADE_FILTER_LABELS,
    PRESENCE_LABELS,
    STATE_LABELS,
)

_ANY = ("", "Tous")
_ANY_FEMININE = ("", "Toutes")
SORT_KEY = "tri"
SORT_DIRECTION = "sens"

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Kept:
    """The filters and the sorting in use, as they stand in the address; defaults are left out."""

    filters: dict[str, str]
    sorting: dict[str, str]

    @property
    def all(self) -> dict[str, str]:
        return {**self.filters, **self.sorting}


class FilterForm(FlaskForm):  # type: ignore[misc]
    """Each field narrows the list; a value that is not offered is said and left out."""

    class Meta:
        csrf = False  # it changes nothing, and a token in the address would leak

        def get_translations(self, _form: FlaskForm) -> Any:
            """WTForms' own messages: Flask-WTF wants Flask-Babel for them, or speaks English."""
            return get_translations(["fr"])

    nom = SearchField("Nom", validators=[Length(max=100, message="100 caractères au plus.")])
    module = SelectField("Module")
    etat = SelectField("État")
    note = SelectField("Note")
    activite = SelectField("Activité")
    inscription = SelectField("Inscription", default=Presence.ACTIVE.value)

    def __init__(self, arguments: MultiDict[str, str], columns: Sequence[Column]) -> None:
        super().__init__(formdata=arguments)
        self.module.choices = [_ANY, *((column.module_id, column.title) for column in columns)]
        self.etat.choices = [_ANY, *_pairs(STATE_LABELS)]
        self.note.choices = [_ANY_FEMININE, *_pairs(GRADE_FILTER_LABELS)]
        self.activite.choices = [("", "Indifférente"), *_pairs(ACTIVITY_LABELS)]
        self.inscription.choices = _pairs(PRESENCE_LABELS)
        # A select absent from the address has no data at all: that is « any », not an error.
        for field in self._selects():
            if field.data is None:
                field.data = Presence.ACTIVE.value if field is self.inscription else ""
        self.sorting = parse_sorting(
            arguments.get(SORT_KEY, ""), arguments.get(SORT_DIRECTION, ""), columns
        )

    def filters(self) -> Filters:
        """What to show; call after `validate()`. Refused values ask for nothing."""
        return Filters(
            text="" if self.nom.errors else (self.nom.data or "").strip(),
            module_id=self._accepted(self.module) or None,
            state=_member(CompletionState, self._accepted(self.etat)),
            grade=_member(GradeStatus, self._accepted(self.note)),
            activity=_member(Activity, self._accepted(self.activite)),
            presence=_member(Presence, self._accepted(self.inscription)) or Presence.ACTIVE,
        )

    def _narrowing(self) -> dict[str, str]:
        values = {field.name: self._accepted(field) for field in (self.nom, *self._selects())}
        if values[self.inscription.name] == Presence.ACTIVE:
            del values[self.inscription.name]
        return {name: value for name, value in values.items() if value}

    def kept(self) -> Kept:
        """What the links of the page carry on."""
        sorting: dict[str, str] = {}
        if self.sorting != BY_NAME:
            sorting[SORT_KEY] = self.sorting.key
        if self.sorting.descending:
            sorting[SORT_DIRECTION] = "desc"
        return Kept(self._narrowing(), sorting)

    def _selects(self) -> Iterable[SelectField]:
        return (self.module, self.etat, self.note, self.activite, self.inscription)

    def _accepted(self, field: Field) -> str:
        return "" if field.errors else (field.data or "").strip()


_NAMES = ("nom", "module", "etat", "note", "activite", "inscription", SORT_KEY, SORT_DIRECTION)


def kept_arguments(arguments: Mapping[str, str]) -> dict[str, str]:
    """The arguments of an address that mean something to the list: the way back to it."""
    return {name: arguments[name] for name in _NAMES if arguments.get(name)}


def _pairs(labels: Mapping[Choice, str]) -> list[tuple[str, str]]:
    return [(value.value, label) for value, label in labels.items()]


def _member(kind: type[Choice], value: str) -> Choice | None:
    return kind(value) if value else None
