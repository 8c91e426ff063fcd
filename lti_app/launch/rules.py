"""Where a launch leads. Pure."""

from collections.abc import Collection, Mapping
from urllib.parse import parse_qs, urlsplit

from lti_app.people.rules import TARGET_PATH, TARGET_REVIEW


def resolve_target(
    custom: Mapping[str, str], target_link_uri: str, module_ids: Collection[str]
) -> str:
    """What an activity opens: a module id, « path » or « review ».

    Read from the custom parameters `module` or `target` (they survive a course copy), else from
    the query of target_link_uri. An unknown module opens the path: better than a dead end.
    """
    query = {name: values[0] for name, values in parse_qs(urlsplit(target_link_uri).query).items()}
    for source in (custom, query):
        module = source.get("module", "").strip()
        if module in module_ids:
            return module
        target = source.get("target", "").strip()
        if target in {TARGET_PATH, TARGET_REVIEW}:
            return target
    return TARGET_PATH
