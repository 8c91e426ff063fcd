"""Codes as people copy them, names as little as can be said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_app.certificates.rules import (
    NO_NAME,
    UNPRINTABLE,
    initials,
    printable_name,
    read_code,
    written_code,
)
from lti_app.completion.rules import CODE_ALPHABET, CODE_LENGTH, attestation_code

codes = st.text(CODE_ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH)


@given(codes)
def test_a_code_is_read_as_it_was_written(code: str) -> None:
    written = written_code(code)
    misread = written.lower().replace("0", "o").replace("1", "l").replace("-", " ")
    assert read_code(written) == read_code(misread) == code


@given(st.text(max_size=60))
def test_anything_else_is_no_code(text: str) -> None:
    code = read_code(text)
    assert code is None or (len(code) == CODE_LENGTH and set(code) <= set(CODE_ALPHABET))


def test_codes_are_drawn() -> None:
    assert len({attestation_code() for _ in range(500)}) == 500


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Camille Référent", "C. R."),
        ("Anne-Lise d’Été", "A. L. D."),
        ("élodie  (2nde) X", "É. N. X."),
        ("Олена", "О."),
        (None, NO_NAME),
        ("  42 ", NO_NAME),
    ],
)
def test_initials(name: str | None, expected: str) -> None:
    assert initials(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Zoe\u0301 D’Été", "Zoé D’Été"),
        ("Олена Шевченко", "Олена Шевченко"),
        ("Li 李 Ming 😀", "Li Ming"),
        ("李 明", UNPRINTABLE),
        ("😀", UNPRINTABLE),
        ("  ", NO_NAME),
        (None, NO_NAME),
    ],
)
def test_a_name_is_printed_as_far_as_it_can_be(name: str | None, expected: str) -> None:
    assert printable_name(name) == expected
