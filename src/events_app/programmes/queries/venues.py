"""Venues of an organization, and the rooms in them."""

from datetime import time

import msgspec

from events_app.lib import codes, database

# For statements that join `venue v` and, as `building`, the venue it is a room of.
FULL_NAME = "COALESCE(building.name || '·', '') || v.name"
ADDRESS = "COALESCE(NULLIF(v.address, ''), building.address, '')"
BUILDING = "LEFT JOIN venue building ON building.id = v.parent"


class VenueRow(msgspec.Struct, frozen=True):
    """A room's `full_name` is “building·room”; its address and coordinates are the building's unless it has its own."""

    id: int
    code: str
    name: str
    full_name: str
    address: str
    capacity: int | None
    latitude: float | None
    longitude: float | None
    parent: int | None
    step_free: bool
    hearing_loop: bool
    access: str


_VENUE = f"""
    SELECT v.id, v.code, v.name, {FULL_NAME} AS full_name, {ADDRESS} AS address, v.capacity,
           COALESCE(v.latitude, building.latitude) AS latitude,
           COALESCE(v.longitude, building.longitude) AS longitude,
           v.parent, v.step_free, v.hearing_loop, v.access
      FROM venue v
      {BUILDING}
"""


async def list_own_venues(organization: int) -> list[VenueRow]:
    """Rooms after the building they lie in."""
    sql = f"""{_VENUE} WHERE v.organization = $1
             ORDER BY COALESCE(building.name, v.name), COALESCE(v.parent, v.id), v.parent NULLS FIRST, v.name, v.id"""
    return await database.fetch_as(VenueRow, sql, organization)


# By name: the venue whose whole name it is, else the rooms that are called so.
LIST_VENUES_NAMED = f"""
    WITH named AS (
        SELECT v.id, {FULL_NAME} = $2 AS whole
          FROM venue v {BUILDING}
         WHERE v.organization = $1 AND $2 IN (v.name, {FULL_NAME}) AND $3 IN ('', {ADDRESS})
    )
    SELECT id FROM named WHERE whole OR NOT EXISTS (SELECT FROM named WHERE whole) ORDER BY id
"""


async def list_venues_named(organization: int, name: str, address: str) -> list[int]:
    """Ids of the venues of that name, at that address unless it is ""."""
    return [row["id"] for row in await database.fetch(LIST_VENUES_NAMED, organization, name, address)]


# Two organisers may write the same new venue at once: the second finds the first one's.
FIND_OR_ADD_VENUE = """
    INSERT INTO venue (code, organization, name, address) VALUES ($1, $2, $3, $4)
    ON CONFLICT (organization, COALESCE(parent, 0), name, address) DO UPDATE SET name = EXCLUDED.name
      RETURNING id
"""


async def find_or_add_venue(organization: int, name: str, address: str) -> int:
    """The id of this organization's venue of that name at that address."""
    return int(await database.value(FIND_OR_ADD_VENUE, codes.new_code(), organization, name, address))


class OpeningRow(msgspec.Struct, frozen=True):
    """`weekday` 0 is Monday; times in Shanghai."""

    weekday: int
    opens: time
    closes: time


# A room without hours of its own is open when its building is.
LIST_OPENING_HOURS = """
    SELECT v.id AS venue, h.weekday, h.opens, h.closes
      FROM venue v
      JOIN opening_hours h
        ON h.venue = CASE WHEN EXISTS (SELECT FROM opening_hours own WHERE own.venue = v.id) THEN v.id ELSE v.parent END
     WHERE v.id = ANY($1)
  ORDER BY v.id, h.weekday, h.opens
"""


async def list_opening_hours(venues: list[int]) -> dict[int, list[OpeningRow]]:
    """By venue, in order; a venue without any is always open."""
    hours: dict[int, list[OpeningRow]] = {venue: [] for venue in venues}
    for row in await database.fetch(LIST_OPENING_HOURS, venues):
        hours[row["venue"]].append(OpeningRow(row["weekday"], row["opens"], row["closes"]))
    return hours
