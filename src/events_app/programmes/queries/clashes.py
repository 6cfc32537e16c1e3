"""What else is planned near a session, and what is known of its guests and places."""

from collections.abc import Iterable

from events_app.lib import database

# Two organisers who plan for one union, or bring guests to one school, at the same moment: the second one waits here
# and then sees what the first one saved. Always in the order of ids, so that nobody waits for each other.
LOCK_PLANNING = "SELECT id FROM organization WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE"


async def lock_planning(organization: int, sites: Iterable[int | None]) -> None:
    """Until the transaction ends."""
    await database.fetch(LOCK_PLANNING, sorted({organization, *(site for site in sites if site)}))
