"""An H5P Question Set: `h5p.json` and `content.json`; the libraries must be there already.

Versions are those one release of Question Set (1.20) asks for, as its `semantics.json` lists them.
"""

import io
import json
import re
import uuid
import zipfile
from collections.abc import Iterator
from html import escape
from typing import Any

from lti_app.content.rules.catalog import QuestionKind
from lti_app.content.rules.exchange.bank import Bank, BankQuestion, Skipped
from lti_app.content.rules.exchange.general_feedback import label_of
from lti_app.content.rules.exchange.h5p_words import (
    BEHAVIOUR,
    BLANKS_WORDS,
    CHOICE_WORDS,
    DRAG_WORDS,
    SET_TEXTS,
    TRUTH_WORDS,
)
from lti_app.content.rules.exchange.wordings import with_variants
from lti_app.content.rules.html_tree import parse_html, text_of

Params = dict[str, Any]
VERSIONS = {
    "H5P.QuestionSet": (1, 20),
    "H5P.MultiChoice": (1, 16),
    "H5P.TrueFalse": (1, 8),
    "H5P.Blanks": (1, 14),
    "H5P.DragText": (1, 10),
}
_LIBRARIES = {
    QuestionKind.SINGLE: "H5P.MultiChoice",
    QuestionKind.MULTIPLE: "H5P.MultiChoice",
    QuestionKind.TRUEFALSE: "H5P.TrueFalse",
    QuestionKind.SHORT: "H5P.Blanks",
    QuestionKind.MATCHING: "H5P.DragText",
}
_TITLES = {
    "H5P.MultiChoice": "Multiple Choice",
    "H5P.TrueFalse": "True/False Question",
    "H5P.Blanks": "Fill in the Blanks",
    "H5P.DragText": "Drag Text",
}
_EPOCH = (1980, 1, 1, 0, 0, 0)
_NAMESPACE = uuid.UUID("5d3a7a0e-7c1b-5f0a-9a51-52656c616973")
_COMMAND = re.compile(r"[*/:]")
# A star opens a gap there, and a colon a tip: their look-alikes do neither.
_LOOK_ALIKES = str.maketrans({"*": "∗", ":": "∶", "\\": "∖"})


def h5p_package(bank: Bank) -> tuple[bytes, list[Skipped]]:
    """The `.h5p`, and the questions it cannot hold."""
    kept: list[BankQuestion] = []
    skipped: list[Skipped] = []
    for question in bank.questions:
        reason = _unwritable(question)
        if reason:
            skipped.append(Skipped(question.id, reason))
        else:
            kept.append(question)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        files = {"h5p.json": _manifest(bank, kept), "content/content.json": _content(bank, kept)}
        for name, data in files.items():
            # The same content is the same file, whenever it is made.
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, json.dumps(data, ensure_ascii=False, indent=1))
    return made.getvalue(), skipped


def _unwritable(question: BankQuestion) -> str:
    if question.kind is QuestionKind.ORDERING:
        return "Question Set n’a pas de remise en ordre"
    if question.kind is QuestionKind.SHORT and not list(_wordings(question)):
        return "chaque réponse contient / : ou *, que H5P prend pour des commandes"
    return ""


def _manifest(bank: Bank, questions: list[BankQuestion]) -> Params:
    used = dict.fromkeys(_LIBRARIES[question.kind] for question in questions)
    return {
        "title": bank.title,
        "language": "fr",
        "defaultLanguage": "fr",
        "mainLibrary": "H5P.QuestionSet",
        "embedTypes": ["iframe"],
        "license": "U",
        "preloadedDependencies": [_dependency(name) for name in ("H5P.QuestionSet", *used)],
    }


def _dependency(name: str) -> Params:
    major, minor = VERSIONS[name]
    return {"machineName": name, "majorVersion": major, "minorVersion": minor}


def _content(bank: Bank, questions: list[BankQuestion]) -> Params:
    return {
        "introPage": {"showIntroPage": False, "title": "", "introduction": ""},
        "progressType": "textual",
        "passPercentage": bank.pass_mark,
        "disableBackwardsNavigation": False,
        "randomQuestions": False,
        "questions": [_question(question) for question in questions],
        **SET_TEXTS,
    }


def _question(question: BankQuestion) -> Params:
    name = _LIBRARIES[question.kind]
    major, minor = VERSIONS[name]
    return {
        "library": f"{name} {major}.{minor}",
        "params": _MAKERS[question.kind](question),
        "subContentId": str(uuid.uuid5(_NAMESPACE, question.id)),
        "metadata": {"contentType": _TITLES[name], "license": "U", "title": question.title},
    }


def _choice(question: BankQuestion) -> Params:
    single = question.kind is QuestionKind.SINGLE
    return {
        "question": question.stem,
        "answers": [
            {
                "text": f"<div>{answer.html}</div>",
                "correct": answer.correct,
                "tipsAndFeedback": {
                    "tip": "",
                    "chosenFeedback": answer.feedback,
                    "notChosenFeedback": "",
                },
            }
            for answer in question.answers
        ],
        "overallFeedback": _overall(question),
        "behaviour": BEHAVIOUR
        | {
            "type": "single" if single else "multi",
            "singlePoint": False,
            "randomAnswers": True,
            "showSolutionsRequiresInput": True,
        },
        "UI": CHOICE_WORDS,
    }


def _truefalse(question: BankQuestion) -> Params:
    true, false = question.answers
    right, wrong = (true, false) if true.correct else (false, true)
    after = " ".join([_plain(question.explanation), *_sources(question)])
    return {
        "question": question.stem,
        "correct": "true" if true.correct else "false",
        "l10n": TRUTH_WORDS,
        "behaviour": BEHAVIOUR
        | {
            "feedbackOnCorrect": f"{_plain(right.feedback)} {after}".strip(),
            "feedbackOnWrong": f"{_plain(wrong.feedback)} {after}".strip(),
        },
    }


def _blanks(question: BankQuestion) -> Params:
    answers = "/".join(_wordings(question))
    return {
        "text": question.stem,
        "questions": [f"<p>Réponse\u00a0: *{escape(answers, quote=False)}*</p>"],
        "overallFeedback": _overall(question),
        "behaviour": BEHAVIOUR
        | {
            "caseSensitive": False,
            "showSolutionsRequiresInput": True,
            "separateLines": False,
            "acceptSpellingErrors": False,
        },
        **BLANKS_WORDS,
    }


def _wordings(question: BankQuestion) -> Iterator[str]:
    right = (answer for answer in question.answers if answer.correct)
    for answer in with_variants(right):
        if not _COMMAND.search(answer.html):
            yield answer.html


def _drag_text(question: BankQuestion) -> Params:
    lines = [
        f"{_safe(_plain(answer.html))} → *{_safe(answer.right)}*" for answer in question.answers
    ]
    return {
        "taskDescription": question.stem,
        "textField": "\n".join(lines),
        "distractors": " ".join(f"*{_safe(text)}*" for text in question.distractors),
        "overallFeedback": _overall(question),
        "behaviour": BEHAVIOUR | {"instantFeedback": False},
        **DRAG_WORDS,
    }


def _overall(question: BankQuestion) -> list[Params]:
    """Shown whatever the answer: the explanation, and what pairs teach."""
    said = [_plain(question.explanation)]
    if question.kind is QuestionKind.MATCHING:
        said += [f"{label_of(a)}\u00a0: {_plain(a.feedback)}" for a in question.answers]
    said += _sources(question)
    return [{"from": 0, "to": 100, "feedback": " ".join(filter(None, said))}]


def _sources(question: BankQuestion) -> list[str]:
    dated = [question.dated] if question.dated else []
    notices = " ".join(map(_plain, question.notices))
    return [*dated, *([f"Sources\u00a0: {notices}"] if notices else [])]


def _plain(html: str) -> str:
    return text_of(parse_html(html))


def _safe(text: str) -> str:
    return text.translate(_LOOK_ALIKES)


_MAKERS = {
    QuestionKind.SINGLE: _choice,
    QuestionKind.MULTIPLE: _choice,
    QuestionKind.TRUEFALSE: _truefalse,
    QuestionKind.SHORT: _blanks,
    QuestionKind.MATCHING: _drag_text,
}
