"""Components say what they accept, and refuse the rest."""

import pytest
from flask import Flask, render_template_string
from wtforms import Form, PasswordField, SearchField, SelectField


def render(app: Flask, source: str, **values: object) -> str:
    with app.test_request_context():
        return render_template_string(source, **values)


IMPORTS = {
    name: f'{{% from "ui/macros/{file}.html" import {name} %}}'
    for name, file in {
        "icon": "icon",
        "badge": "badge",
        "state_badge": "badge",
        "progress": "progress",
        "alert": "alert",
        "button_link": "button",
        "submit_button": "button",
        "panel": "panel",
        "data_table": "table",
        "choice_rows": "field",
        "form_field": "field",
        "session_bar": "bar",
    }.items()
}


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("icon", '{{ icon("nope") }}'),
        ("badge", '{{ badge("x", "pink") }}'),
        ("state_badge", '{{ state_badge("nope") }}'),
        ("progress", '{{ progress(3, 2, "x", "x") }}'),
        ("progress", '{{ progress(0, 0, "x", "x") }}'),
        ("alert", '{% call alert("pink") %}{% endcall %}'),
        ("alert", '{% call alert("info", role="banner") %}{% endcall %}'),
        ("button_link", '{{ button_link("x", "/", "huge") }}'),
        ("submit_button", '{{ submit_button("x", "huge") }}'),
        ("panel", '{% call panel("x", "x", level=4) %}{% endcall %}'),
        ("panel", '{% call panel("x", "x", tone="loud") %}{% endcall %}'),
        ("data_table", '{% call data_table("x", [{"label": "a", "sorted": "up"}]) %}{% endcall %}'),
        ("choice_rows", '{{ choice_rows("select", "x", "x", []) }}'),
        ("session_bar", '{{ session_bar({}, current="nowhere") }}'),
    ],
)
def test_an_unknown_option_is_refused(app: Flask, name: str, call: str) -> None:
    with pytest.raises(RuntimeError, match=name):
        render(app, IMPORTS[name] + call)


def test_a_state_is_said_in_words(app: Flask) -> None:
    html = render(app, IMPORTS["state_badge"] + '{{ state_badge("needs_help") }}')

    assert "Besoin d’aide" in html
    assert 'aria-hidden="true"' in html


def test_texts_are_escaped(app: Flask) -> None:
    html = render(app, IMPORTS["badge"] + "{{ badge(text) }}", text="<script>")

    assert "<script>" not in html


def test_a_sorted_column_says_so(app: Flask) -> None:
    html = render(
        app,
        IMPORTS["data_table"]
        + '{% call data_table("Titre", [{"label": "Nom", "href": "?t", "sorted": "descending"}]) %}'
        "{% endcall %}",
    )

    assert 'aria-sort="descending"' in html
    assert '<caption id="table-caption">Titre</caption>' in html


class Filters(Form):
    """Two known fields, and one that has no rendering."""

    name = SearchField("Nom", description="Une partie du nom.")
    state = SelectField("État", choices=["tous"])  # type: ignore[list-item]  # types-WTForms is behind
    secret = PasswordField("Secret")


def test_a_field_is_tied_to_its_label_hint_and_error(app: Flask) -> None:
    form = Filters(name="x")
    form.name.errors = ["Trop court."]
    html = render(app, IMPORTS["form_field"] + "{{ form_field(form.name) }}", form=form)

    assert '<label class="form-label" for="name">' in html
    assert 'aria-describedby="name-aide name-erreur"' in html
    assert 'aria-invalid="true"' in html
    assert "form-select" in render(
        app, IMPORTS["form_field"] + "{{ form_field(form.state) }}", form=form
    )
    with pytest.raises(RuntimeError, match="no rendering"):
        render(app, IMPORTS["form_field"] + "{{ form_field(form.secret) }}", form=form)
