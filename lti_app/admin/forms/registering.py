"""What an administrator fills in to link an LMS."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField
from wtforms.i18n import get_translations
from wtforms.validators import ValidationError

from lti_app.core.outbound import ForbiddenAddressError, check_url
from lti_app.lti.rules.moodle_fields import PLATFORM_VALUES
from lti_app.lti.rules.registration import host_and_port
from lti_app.lti.services.registrations import NAME_LENGTH, NewPlatform

_ID_LENGTH = 255
_ISSUER_LENGTH = 500
_URL_LENGTH = 1000

LIVES = (("1", "1 jour"), ("7", "7 jours"), ("30", "30 jours"), ("90", "90 jours"))
"""Days that a link may live, and their words."""


_UNREADABLE = "\N{REPLACEMENT CHARACTER}"


def _cleaned(value: str | None) -> str:
    """Pasted values often bring spaces along. What no page may show is marked, to be refused."""
    text = (value or "").strip()
    return "".join(each if each.isprintable() else _UNREADABLE for each in text)


def _text(label: str, *validators: Callable[[Any, Field], None], hint: str = "") -> StringField:
    return StringField(label, validators=validators, filters=[_cleaned], description=hint)


class _Text:
    """At most `longest` printable characters; not empty where `required`."""

    def __init__(self, longest: int, *, required: bool = True) -> None:
        self._longest = longest
        self._required = required

    def __call__(self, _form: FlaskForm, field: Field) -> None:
        if self._required and not field.data:
            raise ValidationError("Recopiez ici la valeur que montre la plateforme.")
        if len(field.data) > self._longest:
            raise ValidationError(f"{self._longest} caractères au plus.")
        if _UNREADABLE in field.data:
            raise ValidationError("Cette valeur contient un caractère invisible : recopiez-la.")


class _Address:
    """A public https address (http and loopback too in development); empty is another's matter."""

    def __call__(self, form: "_Form", field: Field) -> None:
        if not field.data:
            return
        if host_and_port(field.data, allow_http=form.allow_loopback) is None:
            raise ValidationError(
                "Il faut une adresse complète, qui commence par https://, sans espace ni accent."
            )
        try:
            check_url(field.data, allow_loopback=form.allow_loopback)
        except ForbiddenAddressError as error:
            raise ValidationError(
                "Cette adresse n’est pas publique : Relais ne peut pas l’appeler."
            ) from error


class _Site:
    """An issuer: the address of the site, not of one of its pages."""

    def __call__(self, _form: FlaskForm, field: Field) -> None:
        if "/mod/lti" in field.data:
            raise ValidationError("Il faut l’adresse du site seule, sans « /mod/lti/… ».")
        if "?" in field.data or "#" in field.data:
            raise ValidationError("Il faut l’adresse du site seule, sans « ? » ni « # ».")


class _Form(FlaskForm):  # type: ignore[misc]
    class Meta:
        def get_translations(self, _form: FlaskForm) -> Any:
            """WTForms' own messages: Flask-WTF wants Flask-Babel for them, or speaks English."""
            return get_translations(["fr"])

    def __init__(self, *, allow_loopback: bool, prefix: str, formdata: Any = None) -> None:
        self.allow_loopback = allow_loopback
        super().__init__(formdata=formdata, prefix=prefix)

    def problems(self) -> list[tuple[str, str]]:
        """(id of the field, message) of each field in error."""
        return [(field.id, field.errors[0]) for field in self if field.errors]


class InvitationForm(_Form):
    """A one-time link."""

    nom = _text(
        "Nom de la plateforme dans Relais (facultatif)",
        _Text(NAME_LENGTH, required=False),
        hint="Par exemple « Moodle de Poitiers ». Sans nom, Relais prendra celui du site.",
    )
    issuer = _text(
        "Adresse de la plateforme (facultatif)",
        _Text(_ISSUER_LENGTH, required=False),
        _Address(),
        _Site(),
        hint="Par exemple https://moodle.exemple.fr. Elle seule pourra utiliser le lien, et sera"
        " approuvée d’avance. Sans adresse, vous l’approuverez après l’inscription.",
    )
    jours = SelectField("Durée de validité", default="7")

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.jours.choices = list(LIVES)

    @property
    def life(self) -> timedelta:
        """After `validate()`."""
        return timedelta(days=int(self.jours.data))


class PlatformForm(_Form):
    """The six values that Moodle shows once the tool is saved, under its own labels."""

    issuer = _text(
        PLATFORM_VALUES["issuer"],
        _Text(_ISSUER_LENGTH),
        _Address(),
        _Site(),
        hint="L’adresse du site (issuer), par exemple https://moodle.exemple.fr.",
    )
    client_id = _text(PLATFORM_VALUES["client_id"], _Text(_ID_LENGTH))
    deployment_id = _text(
        PLATFORM_VALUES["deployment_id"], _Text(_ID_LENGTH), hint="Souvent un petit nombre."
    )
    jwks_url = _text(
        PLATFORM_VALUES["jwks_url"],
        _Text(_URL_LENGTH),
        _Address(),
        hint="Dans Moodle, elle finit par /mod/lti/certs.php.",
    )
    token_url = _text(
        PLATFORM_VALUES["token_url"],
        _Text(_URL_LENGTH),
        _Address(),
        hint="Dans Moodle, elle finit par /mod/lti/token.php.",
    )
    auth_url = _text(
        PLATFORM_VALUES["auth_url"],
        _Text(_URL_LENGTH),
        _Address(),
        hint="Dans Moodle, elle finit par /mod/lti/auth.php.",
    )
    nom = _text(
        "Nom de la plateforme dans Relais (facultatif)",
        _Text(NAME_LENGTH, required=False),
        hint="Sans nom, Relais prendra celui du site.",
    )

    def new_platform(self) -> NewPlatform:
        """What was typed; after `validate()`."""
        return NewPlatform(
            issuer=self.issuer.data or "",
            client_id=self.client_id.data or "",
            auth_url=self.auth_url.data or "",
            token_url=self.token_url.data or "",
            jwks_url=self.jwks_url.data or "",
            deployments=(self.deployment_id.data or "",),
            name=self.nom.data or None,
        )
