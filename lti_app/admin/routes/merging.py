"""/admin/migrations/: one LMS replaces another, and its people must stay who they are."""

from http import HTTPStatus
from typing import Any

from flask import abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from lti_app.admin.forms.merging import PairForm, SuccessionForm
from lti_app.admin.models import IssuerSuccession
from lti_app.admin.queries.merging import (
    all_successions,
    count_merges,
    find_merge,
    find_succession,
    holdings_of,
    known_issuers,
    merges_of,
)
from lti_app.admin.routes.blueprint import ID, ask, blueprint, done, render
from lti_app.admin.rules.matching import MatchedBy, Matching
from lti_app.admin.services import merging
from lti_app.admin.services.merging import (
    CannotMergeError,
    NewMerge,
    link_issuers,
    merge_persons,
    preview,
    undo_merge,
)
from lti_app.admin.tasks import merge_certain
from lti_app.core.background import enqueue
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.ui.french import counted

_SECTION = "admin.migrations"
_BY_PAGE = 50
_BY_WORDS = {
    MatchedBy.EMAIL: "même adresse électronique",
    MatchedBy.SOURCEDID: "même identifiant d’établissement (sourcedid)",
    MatchedBy.HAND: "choisie à la main",
}
_REASONS = {
    merging.SAME_ISSUER: "Choisissez deux plateformes différentes.",
    merging.UNKNOWN_ISSUER: "Personne n’est encore venu de cette ancienne plateforme.",
    merging.KNOWN_ALREADY: "Ces deux plateformes sont déjà reliées.",
    merging.SAME_PERSON: "C’est deux fois la même personne.",
    merging.NOT_THERE: "La première personne doit être connue de l’ancienne plateforme, et la"
    " seconde de la nouvelle.",
    merging.UNDONE_ALREADY: "Cette réunion est déjà défaite.",
    merging.MERGED_AFTER: "La personne gardée a été réunie depuis avec une autre. Séparez d’abord"
    " celles-là.",
    merging.SUSPENDED: "L’accès de l’une des deux est suspendu. Rétablissez-le d’abord, si c’est"
    " bien ce qu’il faut.",
}


_REOPEN = "Qui est dans Relais en ce moment devra rouvrir l’activité depuis sa plateforme."


@blueprint.route("/migrations/", methods=["GET", "POST"])
def migrations() -> ResponseReturnValue:
    """The LMS that replace another one, and the form that links two."""
    form = SuccessionForm()
    issuers = known_issuers(db.session)
    form.former_issuer.choices = form.issuer.choices = [(each, each) for each in issuers]
    problem = None
    if form.validate_on_submit():
        try:
            linked = link_issuers(
                db.session,
                former_issuer=form.former_issuer.data,
                issuer=form.issuer.data,
                actor_id=g.administrator_id,
                now=now(),
            )
            return done(linked.entry, "admin.migration", succession_id=linked.succession.id)
        except CannotMergeError as error:
            db.session.rollback()
            problem = _REASONS[error.reason]
    page = render(
        "migrations",
        form=form,
        problem=problem,
        enough=len(issuers) > 1,
        successions=all_successions(db.session),
    )
    return page, _status(form, problem)


@blueprint.get(f"/migrations/<{ID}:succession_id>/")
def migration(succession_id: int) -> ResponseReturnValue:
    """Who could be merged, and who was."""
    return _page(_succession(succession_id), PairForm(formdata=None))


@blueprint.post(f"/migrations/<{ID}:succession_id>/choisir")
def choose(succession_id: int) -> ResponseReturnValue:
    """Two persons named by hand: on to the page that compares them."""
    succession = _succession(succession_id)
    form = PairForm()
    if not form.validate_on_submit():
        return _page(succession, form), HTTPStatus.BAD_REQUEST
    return redirect(
        url_for(
            "admin.merge",
            succession_id=succession_id,
            kept_id=form.kept.data,
            merged_id=form.merged.data,
        ),
        code=HTTPStatus.SEE_OTHER,
    )


@blueprint.route(
    f"/migrations/<{ID}:succession_id>/reunir/<{ID}:kept_id>/<{ID}:merged_id>",
    methods=["GET", "POST"],
)
def merge(succession_id: int, kept_id: int, merged_id: int) -> ResponseReturnValue:
    """Compare two persons, then make them one."""
    succession = _succession(succession_id)
    holdings = holdings_of(db.session, (kept_id, merged_id))
    if len(holdings) < len({kept_id, merged_id}):
        abort(HTTPStatus.NOT_FOUND)
    problem = None
    if request.method == "POST":
        try:
            merged = merge_persons(
                db.session,
                NewMerge(kept_id, merged_id, _why(preview(db.session, succession), merged_id)),
                succession=succession,
                actor_id=g.administrator_id,
                now=now(),
            )
            return done(merged.entry, "admin.migration", succession_id=succession_id)
        except CannotMergeError as error:
            db.session.rollback()
            problem = _REASONS[error.reason]
    page = render(
        "merge",
        section=_SECTION,
        succession=_succession(succession_id),
        kept=holdings[kept_id],
        merged=holdings[merged_id],
        problem=problem,
    )
    return page, HTTPStatus.CONFLICT if problem else HTTPStatus.OK


@blueprint.route(f"/migrations/<{ID}:succession_id>/reunir-tout", methods=["GET", "POST"])
def merge_all(succession_id: int) -> ResponseReturnValue:
    """Merge every certain match, in the background: there may be thousands."""
    succession = _succession(succession_id)
    if request.method == "POST":
        db.session.rollback()
        queued = enqueue(merge_certain, succession_id, g.administrator_id)
        return redirect(
            url_for(_DETAIL, succession_id=succession_id, en_cours="oui" if queued else "non"),
            code=HTTPStatus.SEE_OTHER,
        )
    count = sum(match.certain for match in preview(db.session, succession).matches)
    return ask(
        f"Réunir {counted(count, 'paire')} de personnes\N{NARROW NO-BREAK SPACE}?",
        section=_SECTION,
        does="Réunir",
        back=url_for(_DETAIL, succession_id=succession_id),
        consequences=(
            "Dans chaque paire, rien n’est perdu\N{NO-BREAK SPACE}: réponses, modules, notes.",
            "Les correspondances à vérifier ne sont pas touchées.",
            "Chaque réunion est écrite au journal et peut être défaite.",
            _REOPEN,
        ),
    )


@blueprint.route(f"/migrations/reunions/<{ID}:merge_id>/separer", methods=["GET", "POST"])
def part(merge_id: int) -> ResponseReturnValue:
    """Part two persons that were merged."""
    merge = find_merge(db.session, merge_id)
    if merge is None:
        abort(HTTPStatus.NOT_FOUND)
    succession_id = merge.succession_id
    problem: tuple[str, ...] = ()
    if request.method == "POST":
        try:
            entry = undo_merge(db.session, merge, actor_id=g.administrator_id, now=now())
            return done(entry, "admin.migration", succession_id=succession_id)
        except CannotMergeError as error:
            db.session.rollback()
            problem = (_REASONS[error.reason],)
    numbers = f"{merge.kept_person_id} et {merge.merged_person_id}"
    page = ask(
        f"Séparer les personnes {numbers}\N{NARROW NO-BREAK SPACE}?",
        section=_SECTION,
        does="Séparer",
        back=url_for(_DETAIL, succession_id=succession_id),
        consequences=problem
        or (
            "Chacune retrouve ce qu’elle avait avant la réunion.",
            "Ce qui a été fait depuis reste à la personne qui avait été gardée.",
            _REOPEN,
        ),
    )
    return page, HTTPStatus.CONFLICT if problem else HTTPStatus.OK


_DETAIL = "admin.migration"


def _page(succession: IssuerSuccession, form: PairForm) -> str:
    matching = preview(db.session, succession)
    page = request.args.get("page", 1, type=int)
    total = count_merges(db.session, succession.id)
    pages = max(1, -(-total // _BY_PAGE))
    page = min(max(page, 1), pages)
    return render(
        "migration",
        section=_SECTION,
        succession=succession,
        matching=matching,
        certain=sum(match.certain for match in matching.matches),
        shown=_to_check_first(matching),
        merges=merges_of(db.session, succession.id, limit=_BY_PAGE, offset=(page - 1) * _BY_PAGE),
        total=total,
        page=page,
        pages=pages,
        form=form,
        by_words=_BY_WORDS,
        queued=request.args.get("en_cours"),
    )


def _to_check_first(matching: Matching) -> list[Any]:
    """The matches that somebody must look at, then the others: one screen of them."""
    return sorted(matching.matches, key=lambda match: match.certain)[: 2 * _BY_PAGE]


def _why(matching: Matching, merged_id: int) -> MatchedBy:
    for match in matching.matches:
        if match.newer.person_id == merged_id:
            return match.matched_by
    return MatchedBy.HAND


def _succession(succession_id: int) -> IssuerSuccession:
    found = find_succession(db.session, succession_id)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return found


def _status(form: FlaskForm, problem: str | None) -> HTTPStatus:
    if problem:
        return HTTPStatus.CONFLICT
    return HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
