"""Custom parameters."""

from lti_app.demo.custom import custom_claim, parse_parameters


def test_lines_are_pairs() -> None:
    assert parse_parameters("a=1\n\nb = 2=3 \nnothing\n=x\n") == [("a", "1"), ("b", "2=3")]


def test_known_variables_are_replaced_and_unknown_ones_left() -> None:
    claim = custom_claim(
        "a=$User.id\nb=$Nope\nc=$Person.name.full", {"User.id": "5", "Person.name.full": None}
    )
    assert claim == {"a": "5", "b": "$Nope", "c": None}


def test_keys_come_twice_unless_already_plain() -> None:
    assert custom_claim("Ma Clé=x\nplain_1=y", {}) == {
        "ma_cl_": "x",
        "Ma Clé": "x",
        "plain_1": "y",
    }
