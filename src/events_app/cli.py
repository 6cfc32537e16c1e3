"""`events …`: everything that is done from a terminal."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import asyncpg
import click

from events_app import server
from events_app import settings as configuration
from events_app.accounts import actions
from events_app.accounts.tables import OrganizationKind, Role
from events_app.lib import database
from events_app.lib.errors import NotFound, Refused
from events_app.lib.postgres import PostgresError, embedded
from events_app.settings import Settings, SettingsError

P = ParamSpec("P")
R = TypeVar("R")

# What is told in one line; anything else is a bug and keeps its traceback.
_EXPECTED = (SettingsError, PostgresError, Refused, NotFound, OSError, asyncpg.PostgresError)


class Commands(click.Group):
    """Known troubles are one line on stderr and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except _EXPECTED as error:
            click.echo(f"events: {error or type(error).__name__}", err=True)
            sys.exit(1)


@click.group(cls=Commands)
def main() -> None:
    """Plan a union's activities, register by QR, check in at the door, report."""


@contextmanager
def reachable_database() -> Iterator[Settings]:
    """The settings with a database that answers: the configured one, or the embedded server."""
    settings = configuration.from_environment()
    if settings.database_url:
        yield settings
        return
    with embedded(settings.data_dir) as dsn:
        yield replace(settings, database_url=dsn)


def with_database(command: Callable[P, Awaitable[R]]) -> Callable[P, R]:
    """Run an async command on a migrated database."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        from events_app import schema

        async def prepared(dsn: str) -> R:
            await schema.migrate(dsn)
            await database.open_pool(4)
            try:
                return await command(*args, **kwargs)
            finally:
                await database.close_pool()

        with reachable_database() as settings:
            assert settings.database_url
            configuration.export(settings)
            return asyncio.run(prepared(settings.database_url))

    return run


@main.command()
def migrate() -> None:
    """Bring the database's schema up to date."""
    from events_app import schema

    with reachable_database() as settings:
        assert settings.database_url
        done = asyncio.run(schema.migrate(settings.database_url))
    click.echo(f"{done} migrations run." if done else "The schema is current.")


@main.command()
def serve() -> None:
    """Serve the application on a migrated database until told to stop."""
    with _ready_to_serve() as settings:
        server.serve(settings)


@main.command()
def run() -> None:
    """What `make run` does: migrate, load the demo into an empty database, say where everything is, serve."""
    with _ready_to_serve() as settings:
        configuration.export(settings)
        if not settings.production:
            asyncio.run(_introduce(settings))
        server.serve(settings)


async def _introduce(settings: Settings) -> None:
    """Load the demo into an empty database; with the demo there, say how to log in."""
    from events_app import demo as demonstration
    from events_app.accounts.tables import Organization

    await database.open_pool(2)
    try:
        if not await Organization.exists():
            with demonstration.progress_bar("Loading the demo") as progress:
                await demonstration.load(settings, progress)
        if await demonstration.is_loaded():
            click.echo((await demonstration.describe(settings)).as_text())
    finally:
        await database.close_pool()
    click.echo(f"Serving {settings.base_url} until Ctrl-C.")


@contextmanager
def _ready_to_serve() -> Iterator[Settings]:
    from events_app import schema

    server.check_port(configuration.from_environment())
    with reachable_database() as settings:
        assert settings.database_url
        asyncio.run(schema.migrate(settings.database_url))
        yield settings


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for scripts.")
@click.option("--scale", type=click.IntRange(1), metavar="N", help="Add N generated registrations.")
def demo(as_json: bool, scale: int | None) -> None:
    """Load the demo unless it is there; print its logins, token, open sessions and tickets."""
    from events_app import demo as demonstration

    demonstration.refuse_in_production(configuration.from_environment())
    _demo(as_json, scale)


@with_database
async def _demo(as_json: bool, scale: int | None) -> None:
    from events_app import demo as demonstration

    settings = configuration.from_environment()
    with demonstration.progress_bar("Loading the demo") as progress:
        await demonstration.load(settings, progress)
    if scale:
        with demonstration.progress_bar("Adding registrations") as progress:
            await demonstration.scale(settings, scale, progress)
    description = await demonstration.describe(settings)
    click.echo(description.as_json() if as_json else description.as_text())


@main.command()
@with_database
async def retention() -> None:
    """Erase what is personal of registrations whose time is over; the application does so every hour by itself."""
    from events_app.demo import progress_bar
    from events_app.registration.actions.retention import erase_due

    with progress_bar("Looking through activities") as progress:
        erased = await erase_due(report=progress)
    click.echo(f"{erased.registrations} registrations erased; in {erased.answers} more, single answers.")


@main.group()
def organizations() -> None:
    """Make organizations."""


@organizations.command("create")
@click.argument("code")
@click.argument("name")
@click.option("--kind", type=click.Choice([k.value for k in OrganizationKind]), required=True)
@click.option("--region", default="", help="GB/T 2260 code, such as 530100.")
@with_database
async def create_organization(code: str, name: str, kind: str, region: str) -> None:
    """Make an organization; CODE stands in the address of its page."""
    await actions.found_organization(code, name, OrganizationKind(kind), region)
    click.echo(f"{name} is there; give it an owner with: events accounts create")


@main.group()
def accounts() -> None:
    """Make accounts, set passwords."""


@accounts.command("create")
@click.argument("login")
@click.argument("name")
@click.option("--organization", required=True, help="Code of the organization.")
@click.option("--role", type=click.Choice([r.value for r in Role]), required=True)
@click.password_option()
@with_database
async def create_account(login: str, name: str, organization: str, role: str, password: str) -> None:
    """Make an account with a role in an organization."""
    await actions.create_account(login, name, password, organization, Role(role))
    click.echo(f"{login} can log in.")


@accounts.command()
@click.argument("login")
@click.password_option()
@with_database
async def passwd(login: str, password: str) -> None:
    """Set a new password and end the account's logins."""
    await actions.change_password(login, password)
    click.echo(f"{login} has a new password.")


@main.group()
def tokens() -> None:
    """Make API tokens."""


@tokens.command("create")
@click.argument("login")
@click.option("--name", default="script", help="What it is for.")
@with_database
async def create_token(login: str, name: str) -> None:
    """Print a bearer token that acts for an account; it is shown this once."""
    click.echo(await actions.create_token(login, name))


if __name__ == "__main__":
    main()
