"""Venues of an organization."""

import msgspec

from events_app.lib import codes, database


class VenueRow(msgspec.Struct, frozen=True):
    name: str
    address: str


async def list_own_venues(organization: int) -> list[VenueRow]:
    return await database.fetch_as(
        VenueRow, "SELECT name, address FROM venue WHERE organization = $1 ORDER BY name", organization
    )


# Two organisers may write the same new venue at once: the second finds the first one's.
FIND_OR_ADD_VENUE = """
    INSERT INTO venue (code, organization, name, address) VALUES ($1, $2, $3, $4)
    ON CONFLICT (organization, COALESCE(parent, 0), name, address) DO UPDATE SET name = EXCLUDED.name
      RETURNING id
"""


async def find_or_add_venue(organization: int, name: str, address: str) -> int:
    """The id of this organization's venue of that name at that address."""
    return int(await database.value(FIND_OR_ADD_VENUE, codes.new_code(), organization, name, address))
