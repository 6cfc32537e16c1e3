"""Loading the demo, adding registrations by the million, and telling what is there."""

from events_app.demo import description, loading, queries
from events_app.demo.description import Description, demo_token
from events_app.demo.facts.organizations import MARKER, ROBOT
from events_app.demo.generated import add_registrations
from events_app.demo.progress import Report
from events_app.lib import clock, codes
from events_app.lib.database import transaction
from events_app.lib.errors import Refused
from events_app.settings import Settings


async def load(settings: Settings, progress: Report) -> None:
    """Add the demo unless it is there; raises Refused in production."""
    refuse_in_production(settings)
    async with transaction():
        await queries.wait_for_other_loaders()
        if not await is_loaded():
            await loading.load_everything(codes.signer(settings.secret_key), clock.now(), progress)
        # Another EVENTS_SECRET_KEY makes another token.
        digest = codes.digest(demo_token(settings.secret_key))
        await queries.add_token(loading.logins(ROBOT), MARKER, digest)


async def is_loaded() -> bool:
    return await queries.has_organization(MARKER)


async def scale(settings: Settings, number: int, progress: Report) -> None:
    """Add `number` registrations, half of them attended. What was added before a stop stays and is whole."""
    refuse_in_production(settings)
    await add_registrations(settings.secret_key, number, progress)


async def describe(settings: Settings) -> Description:
    """What people and scripts can use; the same whatever they did since."""
    refuse_in_production(settings)
    return await description.describe(settings)


def refuse_in_production(settings: Settings) -> None:
    """The demo's passwords are known to everybody."""
    if settings.production:
        raise Refused("The demo is not for production: its passwords are public. Unset EVENTS_ENV to try it.")
