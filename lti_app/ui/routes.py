"""Static files of the theme, and the gallery of components (development only)."""

from flask import Blueprint, render_template

blueprint = Blueprint(
    "ui",
    __name__,
    static_folder="static",
    static_url_path="/ui/static",
    template_folder="templates",
)


def gallery() -> str:
    """Every component with every option, to look at and to run accessibility checks on."""
    return render_template("ui/gallery.html")
