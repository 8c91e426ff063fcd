"""relais content: check and measure the modules of `courses/`, log their revisions."""

import json
import os
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from lti_app.cli.context import json_option, print_listing
from lti_app.cli.lazy import LazyGroup
from lti_app.content.rules.problems import (
    ContentError,
    Problem,
    errors_among,
    with_french_spaces,
)
from lti_app.content.rules.source import MODULE_FILE, read_courses
from lti_app.content.rules.stats import ModuleStats, all_stats
from lti_app.content.services import LogReport, check_content, log_content
from lti_app.core.clock import now
from lti_app.core.settings import Settings
from lti_app.ui.french import counted

_FOLDER = click.Path(exists=True, file_okay=False, readable=True, path_type=Path)


_PLACES = {
    "export": "lti_app.cli.content_exchange:export_questions",
    "import": "lti_app.cli.content_exchange:import_questions",
    "preview": "lti_app.cli.preview:preview",
    "sync": "lti_app.cli.content_publishing:sync",
}


@click.group(cls=LazyGroup, places=_PLACES)
def content() -> None:
    """The modules, as files in `courses/`."""


@content.command()
@click.argument("path", type=_FOLDER, required=False)
@json_option
def check(path: Path | None, as_json: bool) -> None:
    """Say what is wrong in the modules of PATH (or in one module): file:line, what to do.

    Exits with 1 when something must be mended before publishing. Needs no database.
    """
    folder = path or _default_folder()
    root = folder.resolve().parent if (folder / MODULE_FILE).exists() else folder
    problems = check_content(root, today=now().date())
    if root != folder:
        problems = [p for p in problems if p.path.is_relative_to(folder.resolve())]
    print_problems(problems, as_json=as_json)
    if errors_among(problems):
        raise click.exceptions.Exit(1)


@content.command()
@click.argument("path", type=_FOLDER, required=False)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 if it would.")
@json_option
def lock(path: Path | None, only_check: bool, as_json: bool) -> None:
    """Log the revision of every module, lesson and question in PATH/revisions.lock.

    Refuses what `check` refuses. Needs no database.
    """
    folder = path or _default_folder()
    try:
        report = log_content(folder, write=not only_check)
    except ContentError as error:
        print_problems(errors_among(error.problems), as_json=as_json)
        raise click.exceptions.Exit(1) from error
    except OSError as error:
        raise click.ClickException(f"cannot write the ledger: {error}") from error
    if as_json:
        row = {**asdict(report), "path": str(_near(report.path))}
        print_listing([row], list(row), as_json=True)
    else:
        click.echo(_said_of_log(report, only_check=only_check))
    if only_check and report.written:
        click.echo("relais: the ledger is behind: relais content lock", err=True)
        raise click.exceptions.Exit(1)


@content.command()
@click.argument("path", type=_FOLDER, required=False)
@json_option
def stats(path: Path | None, as_json: bool) -> None:
    """Count lessons, words, minutes, questions by kind, references. Needs no database."""
    courses = read_courses(path or _default_folder())
    found = all_stats(courses)
    if as_json:
        click.echo(json.dumps(_stats_data(found), ensure_ascii=False, indent=2))
    else:
        rows = [_stats_row(module) for module in found]
        print_listing(rows, list(rows[0]) if rows else ["module"], as_json=False)
    if courses.problems:
        click.echo(f"relais: {len(courses.problems)} problem(s): relais content check", err=True)
        raise click.exceptions.Exit(1)


def _default_folder() -> Path:
    # Not load_settings(): an author's machine has no secret key to give.
    default: Path = Settings.model_fields["content_path"].default
    return readable(Path(os.environ.get("RELAIS_CONTENT_PATH") or default))


def readable(folder: Path) -> Path:
    """The folder, if it can be read; else an error that names the setting."""
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.X_OK):
        raise click.UsageError(f"cannot read the folder {folder}: check RELAIS_CONTENT_PATH")
    return folder


def print_problems(problems: list[Problem], *, as_json: bool) -> None:
    """One a line, errors last, or as JSON in reading order; how many, on standard error.

    Paths are as typed from here.
    """
    if as_json:
        rows = [{**asdict(problem), "path": str(_near(problem.path))} for problem in problems]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    errors = errors_among(problems)
    # What must be mended comes last, where the eyes are: forty warnings may go before.
    for problem in [*(p for p in problems if p not in errors), *errors]:
        click.echo(str(problem).replace(str(problem.path), str(_near(problem.path)), 1))
    warnings = counted(len(problems) - len(errors), "avertissement")
    click.echo(f"{counted(len(errors), 'erreur')}, {warnings}", err=True)


def _said_of_log(report: LogReport, *, only_check: bool) -> str:
    what = "à jour"
    if report.written:
        what = "en retard" if only_check else "mis à jour"
        what += f" : {counted(report.new, 'sujet nouveau', 'sujets nouveaux')}"
        what += f", {counted(report.revised, 'révision')}, {counted(report.removed, 'retrait')}"
    total = counted(report.total, "sujet")
    return with_french_spaces(f"{_near(report.path)} {what} ; {total} en tout")


def _near(path: Path) -> Path:
    """The path as typed from here, when it is below."""
    full = path.resolve()
    return full.relative_to(Path.cwd()) if full.is_relative_to(Path.cwd()) else path


def _stats_data(found: list[ModuleStats]) -> dict[str, Any]:
    kinds: Counter[str] = Counter()
    for module in found:
        kinds.update(module.questions_by_kind)
    return {
        "total": {
            "modules": len(found),
            "lessons": sum(m.lessons for m in found),
            "words": sum(m.words for m in found),
            "minutes": sum(m.minutes for m in found),
            "questions": sum(m.questions for m in found),
            "questions_by_kind": dict(kinds),
            "figures": sum(m.figures for m in found),
            "kits": sum(m.kit for m in found),
            "dated_facts": sum(len(m.dated_facts) for m in found),
            "references_used": len({r for m in found for r in m.references_used}),
        },
        "modules": [asdict(module) for module in found],
    }


def _stats_row(module: ModuleStats) -> dict[str, Any]:
    return {
        "module": module.id,
        "lessons": module.lessons,
        "words": module.words,
        "minutes": module.minutes,
        "questions": module.questions,
        **module.questions_by_kind,
        "situations": f"{module.situations_share:.0%}",
        "feedback": f"{module.feedback_coverage:.0%}",
        "references": len(module.references_used),
    }
