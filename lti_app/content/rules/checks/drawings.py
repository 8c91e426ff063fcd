"""Drawings: nothing that runs or fetches, something to say to who does not see, legible texts."""

import re
from collections.abc import Iterator, Sequence

from lti_app.content.rules.colours import WHITE, colour, size_of_text, text_contrast
from lti_app.content.rules.drawing import (
    SVG,
    Element,
    UnreadableDrawing,
    read_drawing,
    viewbox,
)
from lti_app.content.rules.problems import Problem, Severity
from lti_app.content.rules.source import FIGURES_FOLDER, Courses, FigureEntry, ModuleFiles

LONGEST_ALTERNATIVE, LONGEST_CAPTION = 150, 120
SMALLEST_TEXT = 14
"""In a drawing 640 wide."""
LEAST_CONTRAST = 4.5
LARGEST_DRAWING = 60_000
MOST_ELEMENTS = 400
"""Each text is compared with all that was drawn before it."""
_REFERENCE_WIDTH = 640
_ELEMENTS = {
    "svg", "title", "desc", "g", "defs", "symbol", "use", "path", "rect", "circle", "ellipse",
    "line", "polyline", "polygon", "text", "tspan", "marker", "clipPath", "linearGradient",
    "radialGradient", "stop", "pattern",
}  # fmt: skip
_TEXTS = {"text", "tspan"}
_ADDRESS = re.compile(r"url\s*\(\s*(?![\"']?#)|(?:javascript|data|https?|file):", re.IGNORECASE)
_MANAGED = "le dessin est affiché à la largeur de la page"


def check_drawings(courses: Courses) -> Iterator[Problem]:
    """Every figure of every module, and what lies in the folder of figures."""
    for files in courses.modules:
        yield from _strays(files)
        for entry in files.figures:
            yield from _alternative(entry)
            if entry.svg is not None:
                yield from _drawing(entry, entry.svg)


def drawn_texts(entry: FigureEntry) -> Iterator[tuple[int, str]]:
    """(line, text) of what is written in a drawing; nothing when it cannot be read."""
    try:
        elements = read_drawing(entry.svg or "")
    except UnreadableDrawing:
        return
    for element in elements:
        if element.name in {"title", "desc", *_TEXTS} and element.text.strip():
            yield element.line, " ".join(element.text.split(" ")).strip()


def _strays(files: ModuleFiles) -> Iterator[Problem]:
    known = {entry.drawing for entry in files.figures}
    folder = files.folder / FIGURES_FOLDER
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path not in known and path.name[0] != "." and files.supplements_complete:
            yield Problem(
                path,
                1,
                f"ce fichier n’est le dessin d’aucune figure de {files.folder.name}",
                "décrivez la figure dans figures.yaml, ou retirez le fichier",
                Severity.WARNING,
            )


def _alternative(entry: FigureEntry) -> Iterator[Problem]:
    figure = entry.source
    if len(figure.alt) > LONGEST_ALTERNATIVE:
        yield Problem(
            entry.path,
            entry.line("alt"),
            f"l’alternative de « {figure.id} » a {len(figure.alt)} caractères",
            f"dites l’essentiel en {LONGEST_ALTERNATIVE} caractères ; le détail va dans"
            " « description »",
            Severity.WARNING,
        )
    if len(figure.caption) > LONGEST_CAPTION:
        yield Problem(
            entry.path,
            entry.line("caption"),
            f"la légende de « {figure.id} » a {len(figure.caption)} caractères",
            f"une phrase courte, {LONGEST_CAPTION} caractères au plus",
            Severity.WARNING,
        )
    if figure.alt in {figure.caption, figure.description}:
        yield Problem(
            entry.path,
            entry.line("alt"),
            f"l’alternative de « {figure.id} » répète un autre texte",
            "dites dans « alt » ce que le dessin montre, dans « caption » ce qu’il faut en retenir",
            Severity.WARNING,
        )


def _drawing(entry: FigureEntry, svg: str) -> Iterator[Problem]:
    if len(svg) > LARGEST_DRAWING:
        message = f"dessin de {len(svg) // 1000} ko"
        advice = f"simplifiez-le : {LARGEST_DRAWING // 1000} ko suffisent"
        yield Problem(entry.drawing, 1, message, advice)
        return
    try:
        elements = read_drawing(svg)
    except UnreadableDrawing as problem:
        yield Problem(entry.drawing, problem.line, problem.message, problem.advice)
        return
    yield from _root(entry, elements)
    for element in elements:
        yield from _safe(entry, element)
    if len(elements) > MOST_ELEMENTS:
        yield _at(
            entry,
            elements[0],
            f"dessin de {len(elements)} éléments",
            f"simplifiez-le : {MOST_ELEMENTS} suffisent",
        )
        return
    yield from _legible(entry, elements)


def _root(entry: FigureEntry, elements: Sequence[Element]) -> Iterator[Problem]:
    root = elements[0]
    if root.name != "svg":
        advice = f'ouvrez le dessin par « <svg xmlns="{SVG}" viewBox="0 0 640 360" role="img"> »'
        yield _at(entry, root, "ce n’est pas un dessin SVG", advice)
        return
    if viewbox(root.attributes.get("viewBox", "")) is None:
        yield _at(entry, root, "viewBox absent ou illisible", 'écrivez viewBox="0 0 640 360"')
    if root.attributes.get("role") != "img":
        yield _at(entry, root, 'le dessin n’a pas role="img"', 'ajoutez role="img" à <svg>')
    title = next((e for e in elements if e.name == "title" and e.parent is root), None)
    if title is None or not title.text.strip():
        yield _at(entry, root, "le dessin n’a pas de titre", "ajoutez <title>…</title> au début")
    for name in ("width", "height"):
        if name in root.attributes:
            advice = f"retirez « {name} » : {_MANAGED}"
            yield _at(entry, root, f"le dessin fixe « {name} »", advice, Severity.WARNING)
    if not _has_background(elements, root):
        yield _at(
            entry,
            root,
            "le dessin n’a pas de fond blanc",
            "dessinez d’abord un <rect> blanc sur tout le viewBox : la page peut être sombre",
            Severity.WARNING,
        )


def _has_background(elements: Sequence[Element], root: Element) -> bool:
    box = viewbox(root.attributes.get("viewBox", ""))
    first = next((e for e in elements if e.name == "rect"), None)
    if first is None or box is None or colour(first.inherited("fill")) != WHITE:
        return False
    sizes = first.attributes.get("width", ""), first.attributes.get("height", "")
    if sizes == ("100%", "100%"):
        return True
    found = viewbox(
        " ".join((first.attributes.get("x", "0"), first.attributes.get("y", "0"), *sizes))
    )
    return found is not None and found[2] >= box[2] and found[3] >= box[3]


def _safe(entry: FigureEntry, element: Element) -> Iterator[Problem]:
    if element.name not in _ELEMENTS:
        yield _at(
            entry,
            element,
            f"<{element.name.split(' ')[-1]}> dans un dessin",
            "gardez des formes et des textes : ni script, ni style, ni image, ni lien",
        )
    for name, value in element.attributes.items():
        bare = name.split(" ")[-1].lower()
        if bare.startswith("on") or bare in {"style", "class"}:
            yield _at(
                entry,
                element,
                f"attribut « {bare} » dans un dessin",
                "donnez les couleurs par fill et stroke ; rien ne doit s’exécuter",
            )
        elif (bare in {"href", "src", "base"} and not value.startswith("#")) or _ADDRESS.search(
            value
        ):
            yield _at(
                entry,
                element,
                f"« {bare} » mène hors du dessin",
                "dessinez ce qu’il faut dans le fichier même",
            )


def _legible(entry: FigureEntry, elements: Sequence[Element]) -> Iterator[Problem]:
    box = viewbox(elements[0].attributes.get("viewBox", ""))
    scale = _REFERENCE_WIDTH / box[2] if box else 1.0
    for index, element in enumerate(elements):
        words = element.text.strip()
        if element.name not in _TEXTS or not words:
            continue
        size = size_of_text(element) * scale
        if size < SMALLEST_TEXT:
            yield _at(
                entry,
                element,
                f"« {words[:30]} » est écrit trop petit ({size:.0f} pour une largeur de"
                f" {_REFERENCE_WIDTH})",
                f'donnez-lui font-size="{-(-SMALLEST_TEXT // scale):.0f}" ou plus',
                Severity.WARNING,
            )
        seen = text_contrast(element, elements[:index])
        if seen is not None and seen < LEAST_CONTRAST:
            shown = f"{seen:.1f}".replace(".", ",")
            yield _at(
                entry,
                element,
                f"« {words[:30]} » se détache mal de son fond ({shown}:1)",
                "prenez une couleur plus foncée ou un fond plus clair : 4,5:1 au moins",
                Severity.WARNING,
            )


def _at(
    entry: FigureEntry,
    element: Element,
    message: str,
    advice: str,
    severity: Severity = Severity.ERROR,
) -> Problem:
    return Problem(entry.drawing, element.line, message, advice, severity)
