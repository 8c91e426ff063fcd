"""The administrators' pages. Importing a module registers its routes on the blueprint."""

from lti_app.admin.routes import home
from lti_app.admin.routes.blueprint import blueprint

__all__ = ["blueprint", "home"]
