"""Addresses of static files carry a digest of their content, so that browsers may keep them."""

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask

_KEPT_SECONDS = 30 * 24 * 3600
_ENDPOINTS = ("ui.static", "bootstrap.static")


def init_assets(app: Flask) -> None:
    """Add `v=<digest>` to the static addresses of this room and of Bootstrap-Flask."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _KEPT_SECONDS
    digests: dict[tuple[str, str], str] = {}

    @app.url_defaults
    def add_digest(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint not in _ENDPOINTS or "filename" not in values:
            return
        key = endpoint, values["filename"]
        if key not in digests or app.config["TEMPLATES_AUTO_RELOAD"]:
            digests[key] = _digest(app, *key)
        values["v"] = digests[key]


def _digest(app: Flask, endpoint: str, filename: str) -> str:
    folder = app.blueprints[endpoint.removesuffix(".static")].static_folder
    if folder is None:
        raise LookupError(f"{endpoint} serves no folder")
    return hashlib.sha256((Path(folder) / filename).read_bytes()).hexdigest()[:12]
