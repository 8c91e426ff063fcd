"""What roles and names mean. Pure."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence

_CONTEXT_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
_CONTEXT_SUB_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership/"
_TRAINER_NAMES = frozenset({"Instructor", "ContentDeveloper", "Administrator"})

TARGET_PATH = "path"
TARGET_REVIEW = "review"


def is_trainer(lms_roles: Collection[str], overrides: Mapping[str, bool] | None = None) -> bool:
    """Whether these roles, received from an LMS, make a trainer of this course.

    `overrides` (role as received → does it make a trainer) come first: an administrator's word on
    one of the roles decides, and among several words « trainer » wins.

    Only context roles count (full URI or LTI's short names): an administrator of the institution
    who is a learner here is a learner, and a foreign URI that merely ends in « #Instructor » is
    nothing. Sub-roles such as `membership/Instructor#TeachingAssistant` count as their parent.
    """
    decided = [overrides[role] for role in lms_roles if role in overrides] if overrides else []
    if decided:
        return any(decided)
    return any(_context_role(role) in _TRAINER_NAMES for role in lms_roles)


def _context_role(role: str) -> str | None:
    if role.startswith(_CONTEXT_ROLE):
        return role.removeprefix(_CONTEXT_ROLE)
    if role.startswith(_CONTEXT_SUB_ROLE):
        return role.removeprefix(_CONTEXT_SUB_ROLE).split("#")[0]
    if "/" not in role and ":" not in role and "#" not in role:
        return role
    return None


def sort_name(family_name: str | None, given_name: str | None, name: str | None) -> str | None:
    """« family given » folded for French ordering (accents and case ignored)."""
    parts = [part for part in (family_name, given_name) if part]
    text = " ".join(parts) or name
    if not text:
        return None
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    # What a keyboard has no key for is searched, and sorted, as two letters.
    folded = bare.replace("’", "'").casefold().replace("œ", "oe").replace("æ", "ae")
    return folded[:255]


def course_module_ids(targets: Sequence[str], catalog_module_ids: Sequence[str]) -> tuple[str, ...]:
    """Modules of a session, in catalog order.

    Those its links name; all of them when a link opens the whole path, or none names a module.
    """
    named = set(targets)
    chosen = tuple(module for module in catalog_module_ids if module in named)
    if TARGET_PATH in named or not chosen:
        return tuple(catalog_module_ids)
    return chosen
