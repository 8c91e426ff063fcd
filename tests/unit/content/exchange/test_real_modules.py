"""The modules of Relais themselves, out and back."""

from lti_app.content.rules.exchange.gift_reading import read_gift
from lti_app.content.rules.exchange.gift_writing import gift
from lti_app.content.rules.exchange.h5p import h5p_package
from lti_app.content.rules.exchange.merging import Known, Target, merged
from lti_app.content.rules.exchange.moodle_xml_reading import read_moodle_xml
from lti_app.content.rules.exchange.moodle_xml_writing import moodle_xml
from lti_app.content.rules.exchange.preparing import prepared_bank, texts_for
from lti_app.content.rules.source import read_courses
from lti_app.core.settings import PROJECT_ROOT


def test_every_question_of_every_module_comes_back_as_written() -> None:
    courses = read_courses(PROJECT_ROOT / "courses")
    texts = texts_for(courses.references)
    for files in courses.modules:
        assert files.module is not None
        lessons = [(file.lesson.id, file.lesson.title) for file in files.lessons]
        questions = [entry.question for entry in files.questions]
        bank = prepared_bank(files.module, lessons, questions, courses.references)
        text, skipped = gift(bank)
        assert skipped == []
        assert {one.reason for one in h5p_package(bank)[1]} <= {
            "Question Set n’a pas de remise en ordre"
        }
        known = [Known(e.question, e.document.data[e.index]) for e in files.questions]
        target = Target(files.module.id, [lesson for lesson, _title in lessons])
        for reading in (
            read_moodle_xml(moodle_xml(bank).encode(), texts),
            read_gift(text.encode(), texts),
        ):
            merge = merged(reading.questions, known, target, texts)
            assert merge.unchanged == [question.id for question in questions]
            assert (reading.skipped, merge.skipped, merge.losses) == ([], [], [])
