"""Venues of an organization."""

import msgspec

from events_app.lib import database


class VenueRow(msgspec.Struct, frozen=True):
    name: str
    address: str


async def list_own_venues(organization: int) -> list[VenueRow]:
    return await database.fetch_as(
        VenueRow, "SELECT name, address FROM venue WHERE organization = $1 ORDER BY name", organization
    )


# Calendars take a session's new place only with a higher sequence (RFC 5545 §3.8.7.4). The sessions are locked in one
# order, as gates lock them.
CORRECT_ADDRESS = """
    WITH corrected AS (
        UPDATE venue SET address = $3
         WHERE organization = $1 AND name = $2 AND address <> $3 AND $3 <> ''
     RETURNING id
    ), coming AS (
        SELECT s.id FROM session s JOIN corrected ON corrected.id = s.venue
         WHERE s.ends_at > now()
      ORDER BY s.id
           FOR NO KEY UPDATE OF s
    )
    UPDATE session SET sequence = sequence + 1, updated_at = now() FROM coming WHERE session.id = coming.id
"""

FIND_OR_ADD_VENUE = """
    INSERT INTO venue (organization, name, address) VALUES ($1, $2, $3)
    ON CONFLICT (organization, name) DO UPDATE SET name = EXCLUDED.name
      RETURNING id
"""


async def find_or_add_venue(organization: int, name: str, address: str) -> int:
    """The id of this organization's venue of that name.

    A given address replaces the kept one, for all its sessions; those that are not over get a higher sequence.
    """
    await database.fetch(CORRECT_ADDRESS, organization, name, address)
    return int(await database.value(FIND_OR_ADD_VENUE, organization, name, address))
