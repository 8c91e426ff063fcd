import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from lti_app.content.rules.catalog import Module
from lti_app.content.rules.schema import RESERVED_MODULE_IDS
from lti_app.launch.forms import ContentsForm, Step, step_of
from lti_app.launch.rules import offers, resolve_target

MODULES = ("memoriser", "evaluer")


@pytest.mark.parametrize(
    ("custom", "uri", "expected"),
    [
        ({"module": "memoriser"}, "https://r/lti/launch", "memoriser"),
        ({"module": " evaluer "}, "https://r/lti/launch", "evaluer"),
        ({"module": "m1"}, "https://r/lti/launch", "path"),
        ({"target": "review"}, "https://r/lti/launch", "review"),
        ({"target": "path"}, "https://r/lti/launch?module=evaluer", "path"),
        ({}, "https://r/lti/launch?module=evaluer", "evaluer"),
        ({}, "https://r/lti/launch?target=review", "review"),
        ({}, "https://r/lti/launch", "path"),
    ],
)
def test_targets(custom: dict[str, str], uri: str, expected: str) -> None:
    assert resolve_target(custom, uri, MODULES) == expected


@given(st.dictionaries(st.sampled_from(["module", "target", "x"]), st.text()), st.text())
def test_always_leads_somewhere(custom: dict[str, str], query: str) -> None:
    target = resolve_target(custom, "https://r/lti/launch?" + query, MODULES)
    assert target in {*MODULES, "path", "review"}


def module(module_id: str, *, minutes: int = 10, pass_mark: int = 80) -> Module:
    return Module(
        id=module_id,
        title=f"Module {module_id}",
        summary="",
        objectives=(),
        competences=(),
        keywords=(),
        minutes=minutes,
        pass_mark=pass_mark,
        lessons=(),
        questions=(),
        revision_id=1,
        revision=1,
    )


IDS = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True).filter(
    lambda id_: len(id_) <= 80 and id_ not in RESERVED_MODULE_IDS
)


@given(st.lists(IDS, unique=True, min_size=1, max_size=5))
def test_each_offer_opens_what_it_says(ids: list[str]) -> None:
    """What the LMS sends back of an item leads where the item was chosen for."""
    for offer in offers([module(id_) for id_ in ids]):
        item = offer.as_item()
        assert resolve_target(item.custom, "https://r/lti/launch", ids) == offer.target
        assert (item.line_item is not None) == (offer.target != "review")


def test_the_path_is_worth_the_lowest_of_its_modules() -> None:
    path = offers([module("a", minutes=40, pass_mark=80), module("b", pass_mark=60)])[2]
    assert (path.target, path.minutes, path.pass_mark) == ("path", 50, 60)


def test_nothing_is_offered_without_a_module() -> None:
    assert offers([]) == ()


@given(st.lists(st.one_of(st.text(), st.sampled_from(["a", "b", "path"]))), st.booleans())
def test_a_form_gives_offers_or_an_error(values: list[str], multiple: bool) -> None:
    offered = offers([module("a"), module("b")])
    form = ContentsForm(
        MultiDict([("choice", value) for value in values]), offered, multiple=multiple
    )
    if form.validate():
        assert {offer.target for offer in form.chosen} == set(values)
        assert form.chosen
        assert multiple or len(form.chosen) == 1
    else:
        assert form.error


@pytest.mark.parametrize(
    ("posted", "step"),
    [
        ({}, Step.CHECK),
        ({"action": "ajouter"}, Step.SEND),
        ({"action": "annuler"}, Step.CANCEL),
        ({"action": "AJOUTER"}, Step.CHANGE),
        ({"action": "\x00"}, Step.CHANGE),
    ],
)
def test_the_step_of_a_button(posted: dict[str, str], step: Step) -> None:
    assert step_of(MultiDict(posted)) is step
