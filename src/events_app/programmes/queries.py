"""Reads of activities and sessions. Own rows are asked for by the organizations one organises for."""

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.lib.database import Row
from events_app.programmes.tables import HostRole, Kind


class HostRow(msgspec.Struct, frozen=True):
    role: HostRole
    code: str
    name: str


class ActivityRow(msgspec.Struct, frozen=True):
    id: int
    code: str
    organization: int
    organization_code: str
    organization_name: str
    programme_code: str
    programme_name: str
    kind: Kind
    title: str
    description: str
    notice: str
    approval: bool
    published_at: datetime | None
    picture: str | None
    hosts: list[HostRow]


class GuestRow(msgspec.Struct, frozen=True):
    name: str
    honour: str
    unit: str


class SessionRow(msgspec.Struct, frozen=True):
    """A session with what a page needs beside it: activity, venue, host school or company, guests."""

    id: int
    code: str
    title: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    taken: int
    waiting_list: bool
    waiting: int
    attended: int
    opens_at: datetime
    closes_at: datetime
    check_in_opens_at: datetime
    check_in_closes_at: datetime
    called_off_at: datetime | None
    called_off_reason: str
    sequence: int
    updated_at: datetime
    venue: str
    address: str
    latitude: float | None
    longitude: float | None
    site_code: str | None
    site_name: str | None
    activity: int
    activity_code: str
    activity_title: str
    organization: int
    kind: Kind
    guests: list[GuestRow]


class SessionPage(SessionRow, frozen=True):
    """A session with all that its public page and its poster say of the activity."""

    description: str
    notice: str
    approval: bool
    organization_name: str
    programme_name: str
    hosts: list[HostRow]


_HOSTS = """
    COALESCE((SELECT json_agg(json_build_object('role', h.role, 'code', ho.code, 'name', ho.name)
                              ORDER BY h.position, h.id)
                FROM host h JOIN organization ho ON ho.id = h.organization
               WHERE h.activity = a.id), '[]')::text AS hosts
"""

_ACTIVITY = f"""
    SELECT a.id, a.code, a.organization, o.code AS organization_code, o.name AS organization_name,
           COALESCE(p.code, '') AS programme_code, COALESCE(p.name, '') AS programme_name,
           a.kind, a.title, a.description, a.notice, a.approval, a.published_at, picture.code AS picture, {_HOSTS}
      FROM activity a
      JOIN organization o ON o.id = a.organization
      LEFT JOIN programme p ON p.id = a.programme
      LEFT JOIN picture ON picture.activity = a.id
"""

_SESSION_COLUMNS = """
           s.id, s.code, s.title, s.starts_at, s.ends_at, s.capacity, s.taken, s.waiting_list, s.waiting, s.attended,
           s.opens_at, s.closes_at, s.check_in_opens_at, s.check_in_closes_at, s.called_off_at,
           s.called_off_reason, s.sequence, s.updated_at,
           v.name AS venue, v.address, v.latitude, v.longitude, site.code AS site_code, site.name AS site_name,
           a.id AS activity, a.code AS activity_code, a.title AS activity_title, a.organization, a.kind,
           COALESCE((SELECT json_agg(json_build_object('name', g.name, 'honour', g.honour, 'unit', g.unit)
                                     ORDER BY ap.id)
                       FROM appearance ap JOIN guest g ON g.id = ap.guest
                      WHERE ap.session = s.id), '[]')::text AS guests
"""
_SESSION_TABLES = """
      FROM session s
      JOIN activity a ON a.id = s.activity
      JOIN venue v ON v.id = s.venue
      LEFT JOIN organization site ON site.id = s.site
"""
_SESSION = f"SELECT {_SESSION_COLUMNS} {_SESSION_TABLES}"

# One round trip for the page that every poster leads to.
FIND_SESSION_PAGE = f"""
    SELECT {_SESSION_COLUMNS}, a.description, a.notice, a.approval, o.name AS organization_name,
           COALESCE(p.name, '') AS programme_name, {_HOSTS}
    {_SESSION_TABLES}
      JOIN organization o ON o.id = a.organization
      LEFT JOIN programme p ON p.id = a.programme
     WHERE s.code = $1 AND a.published_at IS NOT NULL
"""


async def find_session_page(code: str) -> SessionPage | None:
    """Only of a published activity."""
    row = await database.find(FIND_SESSION_PAGE, code)
    if row is None:
        return None
    lists = {name: msgspec.json.decode(row[name]) for name in ("guests", "hosts")}
    return msgspec.convert({**row, **lists}, SessionPage)


async def find_published_activity(code: str) -> ActivityRow | None:
    return _activity(
        await database.find(f"{_ACTIVITY} WHERE a.code = $1 AND a.published_at IS NOT NULL", code)
    )


async def find_own_activity(code: str, organizations: list[int]) -> ActivityRow | None:
    sql = f"{_ACTIVITY} WHERE a.code = $1 AND a.organization = ANY($2)"
    return _activity(await database.find(sql, code, organizations))


async def list_activity_sessions(activity: int) -> list[SessionRow]:
    return sessions(
        await database.fetch(f"{_SESSION} WHERE s.activity = $1 ORDER BY s.starts_at, s.id", activity)
    )


async def find_own_session(code: str, organizations: list[int]) -> SessionRow | None:
    sql = f"{_SESSION} WHERE s.code = $1 AND a.organization = ANY($2)"
    return next(iter(sessions(await database.fetch(sql, code, organizations))), None)


class OwnActivity(msgspec.Struct, frozen=True):
    """An organiser's line: how many sessions, when the next one is, how many seats are held."""

    code: str
    title: str
    kind: Kind
    organization_name: str
    published_at: datetime | None
    sessions: int
    next_at: datetime | None
    taken: int
    capacity: int
    waiting: int


LIST_OWN_ACTIVITIES = """
    SELECT a.code, a.title, a.kind, o.name AS organization_name, a.published_at,
           count(s.id)::int AS sessions, min(s.starts_at) FILTER (WHERE s.ends_at > now()) AS next_at,
           COALESCE(sum(s.taken), 0)::int AS taken, COALESCE(sum(s.capacity), 0)::int AS capacity,
           COALESCE(sum(s.waiting), 0)::int AS waiting
      FROM activity a
      JOIN organization o ON o.id = a.organization
      LEFT JOIN session s ON s.activity = a.id AND s.called_off_at IS NULL
     WHERE a.organization = ANY($1)
  GROUP BY a.id, o.name
  ORDER BY (a.published_at IS NULL) DESC, next_at NULLS LAST, a.id DESC
     LIMIT $2 OFFSET $3
"""


async def list_own_activities(organizations: list[int], limit: int, offset: int) -> list[OwnActivity]:
    """Drafts first, then by the next session."""
    return await database.fetch_as(OwnActivity, LIST_OWN_ACTIVITIES, organizations, limit, offset)


async def count_own_activities(organizations: list[int]) -> int:
    return int(
        await database.value("SELECT count(*) FROM activity WHERE organization = ANY($1)", organizations)
    )


class VenueRow(msgspec.Struct, frozen=True):
    name: str
    address: str


async def list_own_venues(organization: int) -> list[VenueRow]:
    return await database.fetch_as(
        VenueRow, "SELECT name, address FROM venue WHERE organization = $1 ORDER BY name", organization
    )


class ProgrammeRow(msgspec.Struct, frozen=True):
    id: int
    code: str
    name: str


async def list_own_programmes(organizations: list[int]) -> list[ProgrammeRow]:
    sql = "SELECT id, code, name FROM programme WHERE organization = ANY($1) ORDER BY name"
    return await database.fetch_as(ProgrammeRow, sql, organizations)


class PictureRow(msgspec.Struct, frozen=True):
    image: bytes


async def find_picture(code: str) -> PictureRow | None:
    return await database.find_as(PictureRow, "SELECT image FROM picture WHERE code = $1", code)


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


RAISE_SEQUENCES = """
    WITH coming AS (
        SELECT id FROM session WHERE activity = $1 AND ends_at > now() ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE session SET sequence = sequence + 1, updated_at = now() FROM coming WHERE session.id = coming.id
"""


async def raise_sequences(activity: int) -> None:
    """Tell calendars that the sessions to come of this activity have changed."""
    await database.fetch(RAISE_SEQUENCES, activity)


async def remove_hosts(activity: int) -> None:
    await database.fetch("DELETE FROM host WHERE activity = $1", activity)


ADD_HOSTS = """
    INSERT INTO host (activity, organization, role, position)
         SELECT $1, organization, role, position
           FROM unnest($2::int[], $3::text[]) WITH ORDINALITY AS given (organization, role, position)
"""


async def add_hosts(activity: int, hosts: list[tuple[int, HostRole]]) -> None:
    """Organization ids with their roles, in this order."""
    await database.fetch(ADD_HOSTS, activity, [o for o, _ in hosts], [str(role) for _, role in hosts])


SAVE_PICTURE = """
    INSERT INTO picture (activity, code, image, width, height) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (activity) DO UPDATE
            SET code = EXCLUDED.code, image = EXCLUDED.image, width = EXCLUDED.width, height = EXCLUDED.height
"""


async def save_picture(activity: int, code: str, image: bytes, size: tuple[int, int]) -> None:
    """Replace the activity's picture; a new code, because addresses of pictures are cached for ever."""
    await database.fetch(SAVE_PICTURE, activity, code, image, *size)


# Guests are kept once per organization; the appearance ties them to this session in the order written.
SET_GUESTS = """
    WITH given AS (
        SELECT * FROM unnest($3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS g (name, honour, unit, line)
    ), known AS (
        SELECT DISTINCT ON (given.line) given.line, guest.id
          FROM given JOIN guest ON guest.organization = $2 AND guest.name = given.name
                                AND guest.honour = given.honour AND guest.unit = given.unit
    ), added AS (
        INSERT INTO guest (organization, name, honour, unit)
             SELECT DISTINCT $2::int, name, honour, unit FROM given WHERE line NOT IN (SELECT line FROM known)
          RETURNING id, name, honour, unit
    )
    INSERT INTO appearance (session, guest)
         SELECT $1, COALESCE(known.id, added.id)
           FROM given
           LEFT JOIN known USING (line)
           LEFT JOIN added USING (name, honour, unit)
       ORDER BY line
    ON CONFLICT (session, guest) DO NOTHING
"""


async def set_guests(session: int, organization: int, guests: list[GuestRow]) -> None:
    await database.fetch("DELETE FROM appearance WHERE session = $1", session)
    columns = [[getattr(g, field) for g in guests] for field in ("name", "honour", "unit")]
    await database.fetch(SET_GUESTS, session, organization, *columns)


def sessions(rows: list[Row]) -> list[SessionRow]:
    """Rows of _SESSION as Structs."""
    return msgspec.convert(
        [{**row, "guests": msgspec.json.decode(row["guests"])} for row in rows], list[SessionRow]
    )


def _activity(row: Row | None) -> ActivityRow | None:
    return msgspec.convert({**row, "hosts": msgspec.json.decode(row["hosts"])}, ActivityRow) if row else None
