"""docs/codes.md, every code that a screen may quote: `python -m tests.error_codes` writes it again.

Made from the explanations themselves, so that the guide says what the screens say.
"""

import importlib

from lti_app.core.errors import Explanation
from lti_app.core.settings import PROJECT_ROOT
from lti_app.lti.rules.explanations import platform_error

PAGE = PROJECT_ROOT / "docs" / "codes.md"

_WITHOUT = ("lti_app.demo", "lti_app.worker", "lti_app.cli.__main__")
"""The LMS of the demonstration is not Relais; the others start something."""

_SECTIONS = (
    ("LTI-", "Ouvrir une activité"),
    ("INSCRIPTION-", "Inscrire une plateforme"),
    ("PLATEFORME-", "Une plateforme fermée, ou relevée à la main"),
    ("ADMIN-", "Administration"),
    ("", "Partout"),
)
_INTRODUCTION = """# Les codes des messages d’erreur

Chaque page d’erreur de Relais donne un code, suivi d’un numéro qui retrouve l’évènement dans le
journal du serveur : `LTI-HORLOGE-3F2A91C0`. Il ne contient rien de personnel et peut être recopié
dans un courriel.
« Accès refusés », dans l’administration, compte les refus par code et par plateforme.

Cette page est faite à partir des messages eux-mêmes (`python -m tests.error_codes`).
"""


def explanations() -> dict[str, Explanation]:
    """Every explanation that a module of Relais holds, by code."""
    found = {"LTI-REFUS": platform_error("")}
    for path in sorted((PROJECT_ROOT / "lti_app").rglob("*.py")):
        name = ".".join(path.relative_to(PROJECT_ROOT).with_suffix("").parts)
        if name.startswith(_WITHOUT):
            continue
        for value in vars(importlib.import_module(name.removesuffix(".__init__"))).values():
            if isinstance(value, Explanation):
                found[value.code] = value
            elif isinstance(value, dict):
                each = (item for item in value.values() if isinstance(item, Explanation))
                found |= {item.code: item for item in each}
    return dict(sorted(found.items()))


def page() -> str:
    """The whole page."""
    parts = [_INTRODUCTION]
    left = explanations()
    for prefix, heading in _SECTIONS:
        codes = [code for code in left if code.startswith(prefix)]
        if codes:
            parts.append(f"## {heading}\n")
            parts.extend(_entry(left.pop(code)) for code in codes)
    return "\n".join(parts)


def _entry(explanation: Explanation) -> str:
    lines = [f"### {explanation.code}\n", f"**{explanation.title}.** {explanation.message}\n"]
    if explanation.advice:
        lines += [f"- {advice}" for advice in explanation.advice] + [""]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
