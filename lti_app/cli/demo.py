"""relais demo: the demonstration LMS, and synthetic people for benchmarks and screenshots."""

from dataclasses import replace
from urllib.parse import urlsplit

import click
from sqlalchemy.orm import Session

from lti_app.cli.context import with_app
from lti_app.cli.seed import seed_referents
from lti_app.content.queries import load_catalog
from lti_app.core.clock import now
from lti_app.core.database import db
from lti_app.core.settings import Settings, SettingsError, load_settings
from lti_app.demo.serve import serve
from lti_app.demo.settings import DemoSettings
from lti_app.lti.services.registrations import NewPlatform, add_platform

PLATFORM_NAME = "demonstration"


@click.group()
def demo() -> None:
    """The demonstration LMS and its people."""


@demo.command("lms")
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--base-url", help="Public address, where it is not http://localhost:PORT.")
@click.option("--allow-faults", is_flag=True, hidden=True, help="Open /_demo/… (tests only).")
@click.option(
    "--storage",
    is_flag=True,
    help="Offer the LMS's own storage to tools whose cookies are blocked (Moodle has none).",
)
@click.option("--lax-answers", is_flag=True, help="Check deep linking answers as little as Moodle.")
@click.option(
    "--extra-learners",
    type=click.IntRange(0, 20_000),
    default=0,
    show_default=True,
    help="Synthetic people added to the first course, when the LMS is first created.",
)
def lms_command(
    port: int,
    host: str,
    base_url: str | None,
    allow_faults: bool,
    storage: bool,
    lax_answers: bool,
    extra_learners: int,
) -> None:
    """Run the demonstration LMS until Ctrl-C. Never expose it publicly."""
    try:
        settings = demo_settings(load_settings(), port, base_url=base_url, faults=allow_faults)
        settings = replace(
            settings,
            extra_learners=extra_learners,
            platform_storage=storage,
            strict_deep_linking=not lax_answers,
        )
        serve(settings, host, port)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}:{port}: {error}") from error


@demo.command("seed")
@click.option("--referents", type=click.IntRange(1, 20_000), default=450, show_default=True)
@click.option("--schools", type=click.IntRange(1, 10_000), default=200, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same people.")
@with_app
def seed_command(referents: int, schools: int, seed: int) -> None:
    """Add a course of synthetic referents and its trainer."""
    course = seed_referents(
        db.session,
        referents=referents,
        schools=schools,
        seed=seed,
        now=now(),
        catalog=load_catalog(db.session),
    )
    db.session.commit()
    click.echo(f"{referents} referents in course {course.id} (/suivi/{course.id}/).")


def demo_settings(
    settings: Settings, port: int, *, base_url: str | None = None, faults: bool = False
) -> DemoSettings:
    """The demonstration LMS that goes with this Relais."""
    settings.instance_path.mkdir(parents=True, exist_ok=True)
    return DemoSettings(
        database_path=settings.instance_path / "demo-lms.sqlite3",
        base_url=base_url or f"http://localhost:{port}",
        tool_base_url=settings.base_url,
        allow_faults=faults,
    )


def register_demo_lms(session: Session, settings: DemoSettings) -> None:
    """Make Relais accept the launches of the demonstration LMS."""
    port = urlsplit(settings.base_url).port
    name = PLATFORM_NAME if port == 8001 else f"{PLATFORM_NAME}-{port}"
    add_platform(
        session,
        NewPlatform(
            name=name,
            issuer=settings.issuer,
            client_id=settings.client_id,
            auth_url=settings.auth_url,
            token_url=settings.token_url,
            jwks_url=settings.jwks_url,
            deployments=(settings.deployment_id, settings.private_deployment_id),
        ),
        now=now(),
    )
