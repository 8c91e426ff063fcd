"""Published sources, glossary, figures and workshop kits: the part of `catalog` that it names."""

from dataclasses import dataclass

from markupsafe import Markup

FIGURES_ADDRESS = "/contenu/figures/"
"""Where figures are served: `/contenu/figures/<module>/<id>-<hash12>.svg`.

To anybody (an image asks without a session), as image/svg+xml, to be kept for ever: another drawing
has another address. `Catalog.figure` finds it; HTML of lessons points there already.
"""


@dataclass(frozen=True, slots=True)
class Source:
    """A reference: « Dehaene, 2018 », its full notice (without link), and where it can be read."""

    id: str
    label: str
    title: str
    full_html: Markup
    url: str | None


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the glossary. A page that lists it gives it the id `mot-<id>`.

    `sources`: those its definition calls, and those it names.
    """

    id: str
    module_id: str
    term: str
    definition_html: Markup
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A diagram. `svg` is its text; `width` and `height` are those of its viewBox."""

    id: str
    module_id: str
    caption_html: Markup
    alt: str
    description_html: Markup
    svg: str
    content_hash: str
    width: int
    height: int
    sources: tuple[Source, ...] = ()

    @property
    def address(self) -> str:
        """See FIGURES_ADDRESS."""
        return f"{FIGURES_ADDRESS}{self.module_id}/{self.id}-{self.content_hash[:12]}.svg"


@dataclass(frozen=True, slots=True)
class Prose:
    """A text as it was written and as it is shown."""

    markdown: str
    html: Markup


@dataclass(frozen=True, slots=True)
class Step:
    minutes: int
    title: str
    text: Prose


@dataclass(frozen=True, slots=True)
class Outline:
    """How the workshop goes. `before`: what must be ready, line by line (inline)."""

    title: str
    goal: str
    audience: str
    before: tuple[Prose, ...]
    steps: tuple[Step, ...]
    offline: Prose
    late: Prose
    after: Prose

    @property
    def minutes(self) -> int:
        return sum(step.minutes for step in self.steps)


@dataclass(frozen=True, slots=True)
class Handout:
    """One A4 page. `body` has h2 headings under the title."""

    title: str
    body: Prose


@dataclass(frozen=True, slots=True)
class Message:
    """Plain text, ready to send."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Kit:
    """What a workshop needs, so that the referent prepares nothing."""

    outline: Outline
    handout: Handout
    message: Message
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Misconception:
    id: str
    belief: str


@dataclass(frozen=True, slots=True)
class Resource:
    """An institutional resource. `source.url` is its address, `use` what is found there."""

    source: Source
    use_html: Markup


@dataclass(frozen=True, slots=True)
class Indexing:
    """What M@gistère's sheet asks and the module does not say elsewhere."""

    public: str
    domain: str
    presence_minutes: int
