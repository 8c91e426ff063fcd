"""How Relais looks: layout, macros, theme, French wording of figures and dates, error page.

The only room with raw Bootstrap markup. Bootstrap comes from Bootstrap-Flask and is served from
here: no page asks anything of a third party. Pages extend `ui/base.html` and import the macros of
`ui/macros/`; the gallery (development only) shows every component.
"""

from flask import Flask, request
from flask_bootstrap import Bootstrap5

from lti_app.ui.assets import init_assets
from lti_app.ui.filters import init_filters, today
from lti_app.ui.routes import blueprint, gallery


def init_app(app: Flask) -> None:
    """Register Bootstrap, the theme, the filters; the gallery in development."""
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    Bootstrap5(app)
    app.register_blueprint(blueprint)
    init_assets(app)
    init_filters(app)
    app.jinja_env.globals.update(in_frame=in_frame, page_address=page_address, today=today)
    if app.config["RELAIS"].is_development:
        app.add_url_rule("/ui/galerie", "ui.gallery", gallery)


def in_frame() -> bool:
    """Whether the page may be shown in a frame: browsers say so, old ones leave it open."""
    return request.headers.get("Sec-Fetch-Dest", "iframe") in {"iframe", "frame"}


def page_address() -> str:
    """The present page, as a path with its query string."""
    return request.full_path.rstrip("?")
