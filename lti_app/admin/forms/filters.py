"""The filters of the administrators' lists: GET forms, so that an address says what is shown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import SearchField, SelectField
from wtforms.i18n import get_translations
from wtforms.validators import Length

from lti_app.admin.queries.grades import GradeFilters
from lti_app.admin.queries.people import PeopleFilters
from lti_app.grading.rules import GradeState

Choices = Sequence[tuple[str, str]]

PERIODS = (("7", "7 derniers jours"), ("30", "30 derniers jours"))
UNKNOWN_PLATFORM = "0"
"""Refusals of platforms that Relais does not know."""


def without_nul(text: str | None) -> str:
    """Text as typed: a NUL is in no name, PostgreSQL refuses it, and no page may hold it."""
    return (text or "").replace("\0", "")


class FilterForm(FlaskForm):  # type: ignore[misc]
    """Each field narrows a list; a value that is not offered asks for nothing."""

    class Meta:
        csrf = False  # it changes nothing, and a token in the address would leak

        def get_translations(self, _form: FlaskForm) -> Any:
            """WTForms' own messages: Flask-WTF wants Flask-Babel for them, or speaks English."""
            return get_translations(["fr"])

    def __init__(self, arguments: MultiDict[str, str], **choices: Choices) -> None:
        super().__init__(formdata=arguments)
        for name, values in choices.items():
            self[name].choices = list(values)
        # A select absent from the address has no data at all: its first choice, then.
        self._defaults = {name: values[0][0] for name, values in choices.items()}
        for name, value in self._defaults.items():
            if self[name].data is None:
                self[name].data = value
        self.validate()

    def value(self, name: str) -> str:
        """What a field asks for; its default when it asks for something that is not offered."""
        field = self[name]
        default = self._defaults.get(name, "")
        return default if field.errors else (field.data or "").strip() or default

    def kept(self) -> dict[str, str]:
        """The filters in use, as the links of the page carry them on; defaults are left out."""
        values = {field.name: self.value(field.name) for field in self}
        return {
            name: value for name, value in values.items() if value != self._defaults.get(name, "")
        }


class PeopleForm(FilterForm):
    q = SearchField(
        "Nom, adresse électronique ou numéro",
        filters=[without_nul],
        validators=[Length(max=100, message="100 caractères au plus.")],
    )
    etat = SelectField("Accès")

    def __init__(self, arguments: MultiDict[str, str]) -> None:
        states = (
            ("", "Tous"),
            ("suspended", "Suspendus"),
            ("administrator", "Administration"),
        )
        super().__init__(arguments, etat=states)

    def filters(self) -> PeopleFilters:
        return PeopleFilters(self.value("q"), self.value("etat"))


class RefusalForm(FilterForm):
    periode = SelectField("Période")
    motif = SelectField("Motif")
    plateforme = SelectField("Plateforme")

    def __init__(
        self, arguments: MultiDict[str, str], *, codes: Choices, platforms: Mapping[int, str]
    ) -> None:
        super().__init__(
            arguments,
            periode=PERIODS,
            motif=[("", "Tous"), *codes],
            plateforme=[
                ("", "Toutes"),
                (UNKNOWN_PLATFORM, "Non reconnue"),
                *_numbered(platforms),
            ],
        )

    @property
    def days(self) -> int:
        return int(self.value("periode"))

    @property
    def platform_id(self) -> int | None:
        return _number(self.value("plateforme"))


class GradeForm(FilterForm):
    plateforme = SelectField("Plateforme")
    etat = SelectField("État")
    motif = SelectField("Motif")

    def __init__(
        self,
        arguments: MultiDict[str, str],
        *,
        platforms: Mapping[int, str],
        problems: Choices,
    ) -> None:
        super().__init__(
            arguments,
            plateforme=[("", "Toutes"), *_numbered(platforms)],
            etat=[
                ("", "Tous"),
                (GradeState.OWED.value, "En attente"),
                (GradeState.REFUSED.value, "Refusées"),
            ],
            motif=[("", "Tous"), *problems],
        )

    def filters(self) -> GradeFilters:
        return GradeFilters(
            _number(self.value("plateforme")), self.value("etat"), self.value("motif")
        )


class JournalForm(FilterForm):
    action = SelectField("Action")

    def __init__(self, arguments: MultiDict[str, str], *, actions: Choices) -> None:
        super().__init__(arguments, action=[("", "Toutes"), *actions])


def _numbered(names: Mapping[int, str]) -> Iterable[tuple[str, str]]:
    return ((str(id_), name) for id_, name in names.items())


def _number(value: str) -> int | None:
    return int(value) if value else None
