"""The administrators' pages. Importing a module registers its routes on the blueprint."""

from lti_app.admin.routes import (
    checking,
    entering,
    grades,
    home,
    journal,
    merging,
    people,
    platforms,
    refusals,
    registering,
)
from lti_app.admin.routes.blueprint import blueprint
from lti_app.admin.routes.entering import open_entrance

__all__ = [
    "blueprint",
    "checking",
    "entering",
    "grades",
    "home",
    "journal",
    "merging",
    "open_entrance",
    "people",
    "platforms",
    "refusals",
    "registering",
]
