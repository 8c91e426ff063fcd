"""Where a launch leads, and what a trainer may choose for others to be led to. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from lti_app.content.rules.catalog import Module
from lti_app.grading.rules.line_items import TAG
from lti_app.lti.rules.deep_linking import ContentItem, LineItem
from lti_app.people.rules import TARGET_PATH, TARGET_REVIEW

_REVIEW_SUMMARY = (
    "Quelques minutes : une douzaine de questions au plus, parmi celles que chaque référent a déjà"
    " rencontrées et qu’il est temps de chercher de nouveau. À ouvrir quand on veut."
)
_PATH_SUMMARY = (
    "Tous les modules de Relais, à son rythme, avec l’avancement et la révision sur une même page."
    " Les modules ajoutés plus tard y viendront d’eux-mêmes."
)


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


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing to choose: a module, the whole path, or the review session.

    `target` is what a launch will open; `minutes`: of work, None where it depends on the person;
    `pass_mark` (0…100): None where no grade is sent.
    """

    target: str
    title: str
    summary: str
    minutes: int | None = None
    lessons: int = 0
    questions: int = 0
    objectives: tuple[str, ...] = ()
    pass_mark: int | None = None

    @property
    def is_module(self) -> bool:
        return self.target not in {TARGET_PATH, TARGET_REVIEW}

    @property
    def is_graded(self) -> bool:
        return self.pass_mark is not None

    def as_item(self) -> ContentItem:
        """The activity that the LMS will make of it."""
        name = "module" if self.is_module else "target"
        column = LineItem(self.title, TAG, self.target) if self.is_graded else None
        return ContentItem(self.title, self.summary, {name: self.target}, column)


def offers(modules: Sequence[Module]) -> tuple[Offer, ...]:
    """What can be chosen, modules first, in the order of the path. Nothing without a module."""
    if not modules:
        return ()
    path = Offer(
        target=TARGET_PATH,
        title="Parcours complet",
        summary=_PATH_SUMMARY,
        minutes=sum(module.minutes for module in modules),
        lessons=sum(len(module.lessons) for module in modules),
        questions=sum(len(module.questions) for module in modules),
        # The mean of modules that are all completed is no less than the lowest of these.
        pass_mark=min(module.pass_mark for module in modules),
    )
    review = Offer(target=TARGET_REVIEW, title="Séance de révision", summary=_REVIEW_SUMMARY)
    return (*map(_module_offer, modules), path, review)


def _module_offer(module: Module) -> Offer:
    return Offer(
        target=module.id,
        title=module.title,
        summary=module.summary,
        minutes=module.minutes,
        lessons=len(module.lessons),
        questions=len(module.questions),
        objectives=module.objectives,
        pass_mark=module.pass_mark,
    )
