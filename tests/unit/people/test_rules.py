from hypothesis import given
from hypothesis import strategies as st

from lti_app.people.rules import course_module_ids, is_trainer, sort_name

M = "http://purl.imsglobal.org/vocab/lis/v2/membership"


def test_context_roles_only_make_a_trainer() -> None:
    assert is_trainer([f"{M}#Instructor"])
    assert is_trainer(["Instructor"])
    assert is_trainer([f"{M}/Instructor#TeachingAssistant"])
    assert not is_trainer(["http://evil.example/membership#Instructor"])
    assert not is_trainer(["urn:lti:sysrole:ims/lis/Administrator"])
    assert not is_trainer(["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor"])
    assert not is_trainer([])


@given(st.lists(st.text(), max_size=5))
def test_unknown_roles_never_promote(roles: list[str]) -> None:
    known = {"Instructor", "ContentDeveloper", "Administrator"}
    if not any(role in known or role.startswith(M) for role in roles):
        assert not is_trainer(roles)


def test_names_sort_in_french_order() -> None:
    names = [("Éluard", "Paul"), ("Dupont", "Zoé"), ("N’Guessan", "Éva"), ("eluard", "Anne")]
    folded = sorted(str(sort_name(family, given, None)) for family, given in names)
    assert folded == ["dupont zoe", "eluard anne", "eluard paul", "n'guessan eva"]
    assert sort_name(None, None, "Élodie Blin") == "elodie blin"
    assert sort_name("Bœuf", "Lætitia", None) == "boeuf laetitia"
    assert sort_name(None, None, None) is None


@given(st.lists(st.sampled_from(["a", "b", "path", "review", "x"])))
def test_modules_of_a_session_are_in_catalog_order(targets: list[str]) -> None:
    modules = course_module_ids(targets, ("b", "a", "c"))
    assert modules == tuple(module for module in ("b", "a", "c") if module in modules)
    assert modules
    if "path" in targets or not {"a", "b"} & set(targets):
        assert modules == ("b", "a", "c")
