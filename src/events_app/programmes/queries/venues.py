"""Venues of an organization, and the rooms in them."""

from datetime import datetime, time

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


class OwnVenue(VenueRow, frozen=True):
    """A venue's own page: what it has of its own beside what it has from its building."""

    organization: int
    parent_code: str
    parent_name: str
    own_address: str
    own_latitude: float | None
    own_longitude: float | None
    picture: str | None


_OWN_VENUE = f"""
    SELECT v.id, v.code, v.name, {FULL_NAME} AS full_name, {ADDRESS} AS address, v.capacity,
           COALESCE(v.latitude, building.latitude) AS latitude,
           COALESCE(v.longitude, building.longitude) AS longitude,
           v.parent, v.step_free, v.hearing_loop, v.access, v.organization,
           COALESCE(building.code, '') AS parent_code, COALESCE(building.name, '') AS parent_name,
           v.address AS own_address, v.latitude AS own_latitude, v.longitude AS own_longitude,
           picture.code AS picture
      FROM venue v
      {BUILDING}
      LEFT JOIN picture ON picture.venue = v.id
     WHERE v.organization = ANY($1)
"""


async def find_own_venue(code: str, organizations: list[int]) -> OwnVenue | None:
    return await database.find_as(OwnVenue, f"{_OWN_VENUE} AND v.code = $2", organizations, code)


async def list_rooms(venue: int) -> list[VenueRow]:
    return await database.fetch_as(VenueRow, f"{_VENUE} WHERE v.parent = $1 ORDER BY v.name, v.id", venue)


async def list_buildings(organization: int) -> list[VenueRow]:
    """Venues that rooms may lie in."""
    sql = f"{_VENUE} WHERE v.organization = $1 AND v.parent IS NULL ORDER BY v.name, v.id"
    return await database.fetch_as(VenueRow, sql, organization)


class ListedVenue(VenueRow, frozen=True):
    """A line of the register: how many sessions are to come, and when the next one is."""

    coming: int
    next_at: datetime | None


# session_venue_starts_at carries the counting.
_COMING = """
     CROSS JOIN LATERAL (
           SELECT count(*)::int AS coming, min(s.starts_at) AS next_at
             FROM session s
            WHERE s.venue = v.id AND s.starts_at > now() AND s.called_off_at IS NULL) AS coming
"""
_FOUND = f"""
      FROM venue v
      {BUILDING}
      {{more}}
     WHERE v.organization = ANY($1)
       AND NOT EXISTS (SELECT FROM unnest($2::text[]) AS word
                        WHERE strpos(lower(concat_ws(' ', building.name, v.name, {ADDRESS})), word) = 0)
"""
LIST_VENUES = f"""
    SELECT v.id, v.code, v.name, {FULL_NAME} AS full_name, {ADDRESS} AS address, v.capacity,
           COALESCE(v.latitude, building.latitude) AS latitude,
           COALESCE(v.longitude, building.longitude) AS longitude,
           v.parent, v.step_free, v.hearing_loop, v.access, coming.coming, coming.next_at
    {_FOUND.format(more=_COMING)}
  ORDER BY COALESCE(building.name, v.name), COALESCE(v.parent, v.id), v.parent NULLS FIRST, v.name, v.id
     LIMIT $3 OFFSET $4
"""


async def list_venues(organizations: list[int], words: str, limit: int, offset: int) -> list[ListedVenue]:
    """Those in whose name, building or address each word occurs; rooms after the building they lie in."""
    each = words.lower().split()
    return await database.fetch_as(ListedVenue, LIST_VENUES, organizations, each, limit, offset)


async def count_venues(organizations: list[int], words: str) -> int:
    sql = f"SELECT count(*) {_FOUND.format(more='')}"
    return int(await database.value(sql, organizations, words.lower().split()))


class VenueSession(msgspec.Struct, frozen=True):
    """A session that takes place there."""

    code: str
    activity_title: str
    title: str
    room: str
    starts_at: datetime
    ends_at: datetime
    taken: int
    capacity: int


LIST_COMING_SESSIONS = """
    SELECT s.code, a.title AS activity_title, s.title, CASE WHEN v.id = $1 THEN '' ELSE v.name END AS room,
           s.starts_at, s.ends_at, s.taken, s.capacity
      FROM venue v
      JOIN session s ON s.venue = v.id AND s.ends_at > now() AND s.called_off_at IS NULL
      JOIN activity a ON a.id = s.activity
     WHERE v.id = $1 OR v.parent = $1
  ORDER BY s.starts_at, s.id
     LIMIT $2
"""


async def list_coming_sessions(venue: int, limit: int) -> list[VenueSession]:
    """There and in its rooms."""
    return await database.fetch_as(VenueSession, LIST_COMING_SESSIONS, venue, limit)


class TouchedByPlace(msgspec.Struct, frozen=True):
    """What another address would touch: sessions that are not over, and those who hold a place or a number in them."""

    sessions: int
    registered: int


FIND_TOUCHED_BY_PLACE = """
    SELECT count(*)::int AS sessions, COALESCE(sum(s.taken + s.waiting), 0)::int AS registered
      FROM venue v
      JOIN session s ON s.venue = v.id AND s.ends_at > now() AND s.called_off_at IS NULL
     WHERE v.id = $1 OR v.parent = $1
"""


async def find_touched_by_place(venue: int) -> TouchedByPlace:
    touched = await database.find_as(TouchedByPlace, FIND_TOUCHED_BY_PLACE, venue)
    assert touched is not None
    return touched


# Two who add the same at once: the unique index lets one through, the other gets nothing back.
ADD_VENUE = """
    INSERT INTO venue (code, organization, parent, name, address, capacity, latitude, longitude,
                       step_free, hearing_loop, access)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (organization, COALESCE(parent, 0), name, address) DO NOTHING
      RETURNING id
"""


async def add_venue(code: str, organization: int, *facts: object) -> int | None:
    """Parent, name, address, capacity, latitude, longitude, step_free, hearing_loop, access. None: there is one."""
    added: int | None = await database.value(ADD_VENUE, code, organization, *facts)
    return added


UPDATE_VENUE = """
    UPDATE venue
       SET parent = $2, name = $3, address = $4, capacity = $5, latitude = $6, longitude = $7,
           step_free = $8, hearing_loop = $9, access = $10
     WHERE id = $1
"""


async def update_venue(venue: int, *facts: object) -> None:
    """Facts as in `add_venue`. Raises asyncpg.UniqueViolationError where there is such a venue already."""
    await database.fetch(UPDATE_VENUE, venue, *facts)


async def lock_venues(venues: list[int]) -> None:
    """Inside a transaction: neither gets a room or a building while we look."""
    await database.fetch("SELECT id FROM venue WHERE id = ANY($1) ORDER BY id FOR UPDATE", venues)


async def has_rooms(venue: int) -> bool:
    return bool(await database.value("SELECT EXISTS (SELECT FROM venue WHERE parent = $1)", venue))


async def has_sessions(venue: int) -> bool:
    return bool(await database.value("SELECT EXISTS (SELECT FROM session WHERE venue = $1)", venue))


async def delete_venue(venue: int) -> None:
    """Its opening hours and picture go along."""
    await database.fetch("DELETE FROM venue WHERE id = $1", venue)


SET_OPENING_HOURS = """
    INSERT INTO opening_hours (venue, weekday, opens, closes)
         SELECT $1, * FROM unnest($2::int[], $3::time[], $4::time[])
"""


async def set_opening_hours(venue: int, hours: list[tuple[int, tuple[time, time]]]) -> None:
    await database.fetch("DELETE FROM opening_hours WHERE venue = $1", venue)
    weekdays = [day for day, _span in hours]
    opens, closes = [span[0] for _day, span in hours], [span[1] for _day, span in hours]
    await database.fetch(SET_OPENING_HOURS, venue, weekdays, opens, closes)


async def list_own_hours(venue: int) -> list[OpeningRow]:
    """Those of its own, without its building's."""
    sql = "SELECT weekday, opens, closes FROM opening_hours WHERE venue = $1 ORDER BY weekday, opens"
    return await database.fetch_as(OpeningRow, sql, venue)


LIST_PLACES = f"""
    SELECT v.id, {FULL_NAME} AS full_name, {ADDRESS} AS address,
           COALESCE(v.latitude, building.latitude) AS latitude,
           COALESCE(v.longitude, building.longitude) AS longitude
      FROM venue v {BUILDING}
     WHERE v.id = $1 OR v.parent = $1
"""


async def list_places(venue: int) -> dict[int, tuple[object, ...]]:
    """What calendars say of it and of each of its rooms."""
    return {row["id"]: tuple(row) for row in await database.fetch(LIST_PLACES, venue)}


# Calendars take a session's new place only with a higher sequence (RFC 5545 §3.8.7.4). The sessions are locked in one
# order, as gates lock them.
RAISE_SEQUENCES_AT = """
    WITH coming AS (
        SELECT id FROM session WHERE venue = ANY($1) AND ends_at > now() ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE session SET sequence = sequence + 1, updated_at = now() FROM coming WHERE session.id = coming.id
"""


async def raise_sequences_at(venues: list[int]) -> None:
    """Tell calendars that the sessions to come there are elsewhere now."""
    await database.fetch(RAISE_SEQUENCES_AT, venues)


SAVE_PICTURE = """
    INSERT INTO picture (venue, code, image, width, height) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (venue) DO UPDATE
            SET code = EXCLUDED.code, image = EXCLUDED.image, width = EXCLUDED.width, height = EXCLUDED.height
"""


async def save_picture(venue: int, code: str, image: bytes, size: tuple[int, int]) -> None:
    """Replace the venue's picture; a new code, because addresses of pictures are cached for ever."""
    await database.fetch(SAVE_PICTURE, venue, code, image, *size)
