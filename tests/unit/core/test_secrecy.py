import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.core.secrecy import SecretBox, UndecipherableError, digest, same

_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))


@given(_TEXT)
def test_what_is_sealed_opens_again(text: str) -> None:
    box = SecretBox("key", "purpose")
    assert box.open(box.seal(text)) == text


@pytest.mark.parametrize(("key", "purpose"), [("key", "other"), ("other", "purpose")])
def test_another_key_or_purpose_opens_nothing(key: str, purpose: str) -> None:
    sealed = SecretBox("key", "purpose").seal("secret")
    assert "secret" not in sealed
    with pytest.raises(UndecipherableError):
        SecretBox(key, purpose).open(sealed)


@given(_TEXT, _TEXT)
def test_digests_tell_texts_apart(left: str, right: str) -> None:
    assert (digest(left) == digest(right)) == (left == right)
    assert same(digest(left), digest(right)) == (left == right)
