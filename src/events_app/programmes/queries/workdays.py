"""A union's days off and days worked."""

import asyncio
from datetime import date

from events_app.lib import database
from events_app.programmes.rules import workdays
from events_app.programmes.rules.workdays import OwnDay, Workdays

LIST_OWN_DAYS = "SELECT day, works, name FROM holiday WHERE organization = $1 ORDER BY day"


async def find_workdays(organization: int) -> Workdays:
    """The State Council's table with this union's own days."""
    own = await database.fetch_as(OwnDay, LIST_OWN_DAYS, organization)
    await load()
    return Workdays(own)


async def load() -> None:
    """Make the State Council's table ready without holding up anybody else."""
    if not workdays.is_loaded():
        await asyncio.to_thread(workdays.load)


# Two owners may write the same day at once: the later one counts.
SAVE_OWN_DAYS = """
    INSERT INTO holiday (organization, day, works, name)
         SELECT $1, day, $3, $4 FROM unnest($2::date[]) AS day ORDER BY day
    ON CONFLICT (organization, day) DO UPDATE SET works = EXCLUDED.works, name = EXCLUDED.name
"""


async def save_own_days(organization: int, days: list[date], works: bool, name: str) -> None:
    await database.fetch(SAVE_OWN_DAYS, organization, days, works, name)


async def remove_own_day(organization: int, day: date) -> bool:
    """False when there was none."""
    sql = "DELETE FROM holiday WHERE organization = $1 AND day = $2 RETURNING id"
    return await database.value(sql, organization, day) is not None
