"""Pydantic's findings, in the words of an author of modules."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails

from lti_app.content.rules.schema import QUESTION_MODELS

_WANTED = {
    "string_type": ("un texte", "mettez la valeur entre guillemets"),
    "int_type": ("un nombre entier", "écrivez un nombre, sans guillemets"),
    "int_from_float": ("un nombre entier", "écrivez un nombre sans virgule"),
    "bool_type": ("true ou false", "écrivez true ou false, sans guillemets"),
    "list_type": ("une liste", "écrivez un élément par ligne, chacun précédé d’un tiret"),
    "model_type": ("un bloc « clé: valeur »", "vérifiez le retrait des lignes"),
    "model_attributes_type": (
        "un bloc « clé: valeur »",
        "vérifiez le retrait des lignes",
    ),
    "iso_date": ("une date", "écrivez-la AAAA-MM-JJ, par exemple 2026-09-01"),
    "dict_type": ("un bloc « clé: valeur »", "vérifiez le retrait des lignes"),
}


def explain(error: ErrorDetails, known_keys: Iterable[str]) -> tuple[str, str]:
    """(what is wrong, what to do) for one pydantic error, in French."""
    kind = error["type"]
    name = _name(error["loc"])
    if error["input"] is None and kind != "missing":
        return f"{name} est vide", "écrivez la valeur, ou retirez la ligne si elle est facultative"
    if kind == "list_type" and isinstance(error["input"], str):
        shown = f"{error['loc'][-1]}: [{error['input']}]"
        return f"{name} doit être une liste", f"écrivez « {shown} », avec les crochets"
    if kind in _WANTED:
        wanted, advice = _WANTED[kind]
        return f"{name} doit être {wanted}", advice
    if kind == "missing":
        return f"{name} manque", f"ajoutez la ligne « {error['loc'][-1]}: … »"
    if kind == "extra_forbidden":
        return f"{name} n’est pas une clé connue ici", _closest(str(error["loc"][-1]), known_keys)
    if kind.startswith("union_tag"):
        kinds = ", ".join(QUESTION_MODELS)
        return (
            "le type de question (« kind ») manque ou est inconnu",
            f"choisissez parmi {kinds}",
        )
    return _explain_value(kind, name, error)


def _explain_value(kind: str, name: str, error: ErrorDetails) -> tuple[str, str]:
    if kind == "string_pattern_mismatch":
        return (
            f"{name} n’est pas un identifiant valable : « {error['input']} »",
            "écrivez des minuscules sans accent et des chiffres, séparés par des tirets",
        )
    return _explain_bounds(kind, name, error)


def _explain_bounds(kind: str, name: str, error: ErrorDetails) -> tuple[str, str]:
    context: Mapping[str, Any] = error.get("ctx", {})
    match kind:
        case "literal_error":
            return f"{name} a une valeur inconnue", f"écrivez {_choices(context['expected'])}"
        case "too_short":
            least = context["min_length"]
            return (
                f"{name} est trop court",
                f"donnez au moins {least} élément{'s' if least > 1 else ''}",
            )
        case "too_long":
            return f"{name} est trop long", f"gardez au plus {context['max_length']} éléments"
        case "string_too_short":
            return (
                f"{name} est vide",
                "écrivez le texte, ou retirez la ligne si elle est facultative",
            )
        case "string_too_long":
            return f"{name} est trop long", f"gardez au plus {context['max_length']} caractères"
        case "greater_than_equal":
            return f"{name} est trop petit", f"écrivez {context['ge']} ou plus"
        case "less_than_equal":
            return f"{name} est trop grand", f"écrivez {context['le']} ou moins"
        case _:
            return f"{name} n’est pas valable ({error['msg']})", "corrigez la valeur"


def _name(loc: tuple[int | str, ...]) -> str:
    """`« feedback » (options, n° 2)`, counted from 1, without pydantic's union tag."""
    steps = loc[1:] if loc and loc[0] in QUESTION_MODELS else loc
    shown = [f"n° {step + 1}" if isinstance(step, int) else step
             for step in steps if step not in {"int", "constrained-str"}]  # fmt: skip
    last = next((i for i in reversed(range(len(shown))) if isinstance(steps[i], str)), None)
    if last is None:
        return "cette valeur"
    holder = ", ".join(shown[:last])
    number = "".join(f", {each}" for each in shown[last + 1 :])
    return f"« {shown[last]} »{number}" + (f" ({holder})" if holder else "")


def _choices(expected: str) -> str:
    return expected.replace("'", "").replace(" or ", " ou ")


def _closest(key: str, known_keys: Iterable[str]) -> str:
    known = list(known_keys)
    near = get_close_matches(key, known, n=1)
    if near:
        return f"vouliez-vous écrire « {near[0]} » ?"
    return "retirez cette ligne" + (f" ; clés connues : {', '.join(known)}" if known else "")
