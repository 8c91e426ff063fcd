"""Labels and notices of sources."""

import pytest

from lti_app.content.rules.bibliography import author_label, labels, sources, url_of
from lti_app.content.rules.schema import ReferenceSource


def reference(reference_id: str = "r", **values: object) -> ReferenceSource:
    """A reference, with what the test says of it."""
    given = {
        "id": reference_id,
        "authors": "Dehaene, S.",
        "year": 2018,
        "title": "Apprendre",
        "verified": "yes",
        **values,
    }
    return ReferenceSource.model_validate(given)


@pytest.mark.parametrize(
    ("authors", "label"),
    [
        ("Dehaene, S.", "Dehaene"),
        ("Mayer, R. E.", "Mayer"),
        ("Roediger, H. L., III & Karpicke, J. D.", "Roediger et Karpicke"),
        ("Karpicke, J. D. & Roediger, H. L., III", "Karpicke et Roediger"),
        ("Adesope, O. O., Trevisan, D. A. & Sundararajan, N.", "Adesope et al."),
        ("Rohrer, D., Dedrick, R. F., Hartwig, M. K. & Cheung, C.-N.", "Rohrer et al."),
        ("de Vries, A.", "de Vries"),
        ("Vaswani, A., Kaiser, Ł. & Polosukhin, I.", "Vaswani et al."),
        ("Elsworth, C. et al. (Google)", "Elsworth et al."),
        ("Miao, F. & Holmes, W. (UNESCO)", "Miao et Holmes"),
        ("Cnesco & Ifé/ENS de Lyon", "Cnesco et Ifé/ENS de Lyon"),
        ("Académie de Poitiers (SRANE)", "Académie de Poitiers"),
        ("Mistral AI, Carbone 4, ADEME", "Mistral AI, Carbone 4, ADEME"),
        (
            "Inspection générale de l’éducation, du sport et de la recherche",
            "Inspection générale de l’éducation, du sport et de la recherche",
        ),
    ],
)
def test_authors_are_named_as_in_a_call(authors: str, label: str) -> None:
    assert author_label(authors) == label


def test_same_author_and_year_are_told_apart() -> None:
    found = labels(
        [
            reference("a", authors="République française", year=2019),
            reference("b", authors="République française", year=2019),
            reference("c", authors="République française", year="s. d."),
        ]
    )
    assert found == {
        "a": "République française, 2019a",
        "b": "République française, 2019b",
        "c": "République française, s. d.",
    }


@pytest.mark.parametrize(
    ("place", "url"),
    [
        ("10.1037/bul0000309", "https://doi.org/10.1037/bul0000309"),
        ("https://www.cnesco.fr", "https://www.cnesco.fr"),
        (
            "https://github.com/moodle/moodle (question/behaviour)",
            "https://github.com/moodle/moodle",
        ),
        ("Loi n° 2005-102, art. 47", None),
        ("", None),
    ],
)
def test_the_address_is_found(place: str, url: str | None) -> None:
    assert url_of(reference(doi_or_url=place)) == url


def test_a_notice_is_escaped_and_complete() -> None:
    law = reference(
        authors="A & B <x>", title="Le <b>titre</b>", container="JO", doi_or_url="Loi n° 1"
    )
    assert sources([law])["r"].full_html == (
        "A &amp; B &lt;x&gt; (2018). <cite>Le &lt;b&gt;titre&lt;/b&gt;</cite>. JO. Loi n° 1."
    )


def test_a_title_that_asks_takes_no_full_stop() -> None:
    asked = reference(title="Quel effet\u202f?", container="Paris")
    assert sources([asked])["r"].full_html.endswith("<cite>Quel effet\u202f?</cite> Paris.")
