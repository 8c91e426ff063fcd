"""A small module that has everything, with words that would be orders to a careless template."""

from dataclasses import replace

from markupsafe import Markup

from lti_app.content.rules.catalog import (
    Figure,
    Handout,
    Indexing,
    Kit,
    Message,
    Module,
    Outline,
    Prose,
    Resource,
    Source,
    Step,
)
from lti_app.content.rules.markdown import Renderer

HOSTILE = '#panic("no") $x$ *a* _b_ `c` <tag> @call \\u{41} // {{ x }} {% y %} & "q"'
SOURCE = Source(
    "dehaene2018",
    "Dehaene, 2018",
    "Apprendre !",
    Markup("Dehaene (2018)."),
    "https://example.org/d",
)
FIGURE = Figure(
    id="oubli",
    module_id="petit",
    caption_html=Markup("Ce qui reste"),
    alt="Deux barres.",
    description_html=Markup(
        "<p>Relire :</p><ul><li>peu\u202f;</li><li>chercher, beaucoup.</li></ul>"
    ),
    svg='<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 120"><rect width="640"'
    ' height="120" fill="#ffffff"/><text x="20" y="60" font-size="18">Relire</text></svg>',
    content_hash="0123456789abcdef",
    width=640,
    height=120,
)
_RENDER = Renderer({"dehaene2018": "Dehaene, 2018"}).with_figures({"oubli": FIGURE})


def prose(text: str) -> Prose:
    return Prose(text, _RENDER.page(text))


def kit(handout: str) -> Kit:
    """A kit whose handout is that Markdown."""
    return Kit(
        outline=Outline(
            title="Atelier",
            goal="Repartir.",
            audience="4 collègues",
            before=(prose("Une salle."),),
            steps=(
                Step(10, HOSTILE, prose("Dites\u202f; puis **écoutez**.")),
                Step(30, "Bilan", prose("Fin.")),
            ),
            offline=prose("Sur papier."),
            late=prose("Asseyez-vous."),
            after=prose("Et alors\u202f?"),
        ),
        handout=Handout("La fiche", prose(handout)),
        message=Message("Objet", f"Bonjour,\n\n{HOSTILE}\nÀ jeudi"),
        sources=(SOURCE,),
    )


HANDOUT = f"""\
## Élève\u202f: «\u00a0retenir\u00a0»

{HOSTILE.replace("*a* _b_ `c`", "")} L’œuvre, 10\u202f000 élèves [@dehaene2018].

:::figure oubli
:::

| Avant | Après |
| --- | --- |
| Relire | Chercher |

1. Un
2. Deux
   - dedans

:::retenir
Une idée.
:::
"""

MODULE = Module(
    id="petit",
    title="Un petit module",
    summary="Pour les essais.",
    objectives=("Expliquer", "Repérer"),
    competences=("CRCN-Édu",),
    keywords=("mémoire",),
    minutes=70,
    pass_mark=80,
    lessons=(),
    questions=(),
    revision_id=1,
    revision=3,
    resources=(Resource(SOURCE, Markup("Une synthèse.")),),
    indexing=Indexing("Référents", "Numérique", 40),
    figures=(FIGURE,),
    kit=kit(HANDOUT),
)


def with_handout(text: str) -> Module:
    """The same with another handout."""
    return replace(MODULE, kit=kit(text))
