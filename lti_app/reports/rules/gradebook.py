"""How what the LMS shows is said, beside what was sent to it. Pure."""

_NBSP = "\N{NO-BREAK SPACE}"


def shown_grade(score: float | None, maximum: float | None) -> str:
    """« 60 sur 100 », « 12,5 sur 20 »; « aucune note » where the LMS shows none."""
    if score is None or maximum is None:
        return "aucune note"
    return f"{_number(score)}{_NBSP}sur{_NBSP}{_number(maximum)}"


def _number(value: float) -> str:
    """Two decimals at most, with a comma, none that says nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")
