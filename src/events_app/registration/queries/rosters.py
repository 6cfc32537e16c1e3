"""Units' lists: who keeps them, who stands on them, and heads without names."""

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.programmes.queries.venues import BUILDING, FULL_NAME
from events_app.programmes.tables import Admission, Extent, Kind
from events_app.registration.queries.places import LockedRoom
from events_app.registration.tables import SeatState


class RosterRow(msgspec.Struct, frozen=True):
    """A list with what its activity asks of everybody."""

    id: int
    secret: str
    arrival_code: str | None
    unit: str
    organization: int | None
    leader_name: str
    leader_phone: str
    created_at: datetime
    revoked_at: datetime | None
    activity: int
    activity_code: str
    activity_title: str
    activity_organization: int
    organization_name: str
    published_at: datetime | None
    kind: Kind
    admission: Admission
    extent: Extent
    most_sessions: int | None
    programme: int | None
    programme_most: int | None
    eligible_only: bool
    unit_quota: int | None
    minimum_age: int | None
    asks_birth_year: bool
    unit_quotas: bool

    @property
    def is_course(self) -> bool:
        return self.extent == Extent.COURSE


_ROSTER = """
    SELECT r.id, r.secret, r.arrival_code, r.unit, r.organization, r.leader_name, r.leader_phone, r.created_at,
           r.revoked_at, r.activity, a.code AS activity_code, a.title AS activity_title,
           a.organization AS activity_organization, o.name AS organization_name, a.published_at, a.kind,
           a.admission, a.extent, a.most_sessions, a.programme,
           p.most_sessions AS programme_most, a.eligible_only, a.unit_quota, a.minimum_age, a.asks_birth_year,
           a.unit_quota IS NOT NULL
           OR EXISTS (SELECT FROM eligible_unit e WHERE e.activity = a.id AND e.quota IS NOT NULL) AS unit_quotas
      FROM roster r
      JOIN activity a ON a.id = r.activity
      JOIN organization o ON o.id = a.organization
      LEFT JOIN programme p ON p.id = a.programme
"""


async def find_roster(secret: str) -> RosterRow | None:
    sql = f"{_ROSTER} WHERE r.secret = $1 AND r.revoked_at IS NULL"
    return await database.find_as(RosterRow, sql, secret)


async def find_own_roster(roster: int, activity: str, organizations: list[int]) -> RosterRow | None:
    """For who organises the activity."""
    sql = f"{_ROSTER} WHERE r.id = $1 AND a.code = $2 AND a.organization = ANY($3)"
    return await database.find_as(RosterRow, sql, roster, activity, organizations)


class RosterItem(msgspec.Struct, frozen=True):
    """A list in a line: its people by where their seats stand, and heads without names."""

    id: int
    secret: str
    unit: str
    leader_name: str
    leader_phone: str
    revoked_at: datetime | None
    activity_code: str
    activity_title: str
    organization_name: str
    people: int
    confirmed: int
    pending: int
    waiting: int
    heads: int


_ITEMS = """
    SELECT r.id, r.secret, r.unit, r.leader_name, r.leader_phone, r.revoked_at, a.code AS activity_code,
           a.title AS activity_title, o.name AS organization_name, COALESCE(n.people, 0) AS people,
           COALESCE(n.confirmed, 0) AS confirmed, COALESCE(n.pending, 0) AS pending, COALESCE(n.waiting, 0) AS waiting,
           COALESCE((SELECT sum(number)::int FROM headcount h WHERE h.roster = r.id), 0) AS heads
      FROM roster r
      JOIN activity a ON a.id = r.activity
      JOIN organization o ON o.id = a.organization
      LEFT JOIN LATERAL (
           SELECT count(DISTINCT g.id)::int AS people,
                  count(*) FILTER (WHERE seat.state = 'confirmed')::int AS confirmed,
                  count(*) FILTER (WHERE seat.state IN ('pending', 'entered'))::int AS pending,
                  count(*) FILTER (WHERE seat.state IN ('waitlisted', 'offered'))::int AS waiting
             FROM registration g JOIN seat ON seat.registration = g.id AND seat.state <> 'released'
            WHERE g.roster = r.id) n ON true
"""


async def list_rosters(activity: int) -> list[RosterItem]:
    """An activity's, by unit."""
    return await database.fetch_as(
        RosterItem, f"{_ITEMS} WHERE r.activity = $1 ORDER BY r.unit, r.id", activity
    )


async def list_organizations_rosters(organizations: list[int]) -> list[RosterItem]:
    """Those that these organizations' people may keep, the newest first."""
    sql = f"""{_ITEMS} WHERE r.organization = ANY($1) AND r.revoked_at IS NULL AND a.published_at IS NOT NULL
              ORDER BY r.id DESC LIMIT 200"""
    return await database.fetch_as(RosterItem, sql, organizations)


ADD_ROSTER = """
    INSERT INTO roster (activity, organization, unit, secret, arrival_code, leader_name, leader_phone, created_at,
                        created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, now(), $8)
    ON CONFLICT (activity, unit) DO NOTHING RETURNING id
"""


async def add_roster(
    activity: int,
    organization: int | None,
    unit: str,
    codes: tuple[str, str],
    leader: tuple[str, str],
    account: int,
) -> int | None:
    """`codes` are its secret and its arrival code. None when the activity has a list of that unit already."""
    found: int | None = await database.value(
        ADD_ROSTER, activity, organization, unit, *codes, *leader, account
    )
    return found


async def set_secret(roster: int, secret: str, *, revoked: bool) -> None:
    sql = "UPDATE roster SET secret = $2, revoked_at = CASE WHEN $3::bool THEN now() END WHERE id = $1"
    await database.fetch(sql, roster, secret, revoked)


async def set_leader(roster: int, name: str, phone: str) -> None:
    sql = "UPDATE roster SET leader_name = $2, leader_phone = $3 WHERE id = $1"
    await database.fetch(sql, roster, name, phone)


async def find_organization_named(name: str) -> int | None:
    found: int | None = await database.value("SELECT id FROM organization WHERE name = $1", name)
    return found


class RosterSession(LockedRoom, frozen=True, kw_only=True):
    """A session of the list's activity, though not locked.

    `used` counts the list's own seats in it, `heads` its people without names.
    """

    title: str
    venue: str
    used: int
    heads: int


LIST_ROSTER_SESSIONS = f"""
    SELECT s.id, s.code, s.title, s.starts_at, s.ends_at, s.opens_at, s.closes_at, s.postponed_at, s.called_off_at,
           s.capacity, s.taken, s.waiting, s.waiting_list, s.waiting_last, {FULL_NAME} AS venue,
           COALESCE(n.used, 0) AS used, COALESCE(h.number, 0) AS heads
      FROM session s
      JOIN venue v ON v.id = s.venue
      {BUILDING}
      LEFT JOIN (SELECT seat.session, count(*)::int AS used
                   FROM registration r JOIN seat ON seat.registration = r.id AND seat.state <> 'released'
                  WHERE r.roster = $2 GROUP BY seat.session) n ON n.session = s.id
      LEFT JOIN headcount h ON h.session = s.id AND h.roster = $2
     WHERE s.activity = $1
  ORDER BY s.starts_at, s.id
"""


async def list_roster_sessions(activity: int, roster: int) -> list[RosterSession]:
    return await database.fetch_as(RosterSession, LIST_ROSTER_SESSIONS, activity, roster)


class PersonSeat(msgspec.Struct, frozen=True):
    """`position` counts from 1 on the waiting list."""

    id: int
    session_id: int
    session: str
    starts_at: datetime
    ends_at: datetime
    postponed_at: datetime | None
    called_off_at: datetime | None
    state: SeatState
    cause: str | None
    position: int | None
    attended_at: datetime | None


class RosterPerson(msgspec.Struct, frozen=True):
    """Somebody on the list. `former` is whose place they took over."""

    registration: int
    name: str
    phone: str
    birth_year: int | None
    ticket: str
    signature: bytes
    erased_at: datetime | None
    former: str
    seats: list[PersonSeat]


# With an id of their seat last, so that a person's newest seats tell whether they hold any.
_PEOPLE = """
    SELECT r.id AS registration, p.name, p.phone, r.birth_year, r.ticket, r.signature, r.erased_at,
           COALESCE((SELECT op.name FROM seat mine JOIN seat old ON old.id = mine.replaces
                       JOIN registration orr ON orr.id = old.registration JOIN person op ON op.id = orr.person
                      WHERE mine.registration = r.id ORDER BY mine.id DESC LIMIT 1), '') AS former,
           (SELECT COALESCE(jsonb_agg(jsonb_build_object(
                       'id', seat.id, 'session_id', s.id, 'session', s.code, 'starts_at', s.starts_at,
                       'ends_at', s.ends_at, 'postponed_at', s.postponed_at, 'called_off_at', s.called_off_at,
                       'state', seat.state, 'cause', seat.cause, 'attended_at', seat.attended_at,
                       'position', CASE WHEN seat.state = 'waitlisted' THEN (
                           SELECT count(*) FROM seat ahead WHERE ahead.session = seat.session
                              AND ahead.state = 'waitlisted' AND ahead.waiting_number <= seat.waiting_number) END)
                   ORDER BY s.starts_at, s.id), '[]')::text
              FROM seat JOIN session s ON s.id = seat.session WHERE seat.registration = r.id) AS seats
      FROM registration r JOIN person p ON p.id = r.person
     WHERE r.roster = $1
"""
_MATCHING = " AND ($2 = '' OR strpos(p.name, $2) > 0 OR right(p.phone, 4) = $2)"
_HOLDING = " AND EXISTS (SELECT FROM seat WHERE seat.registration = r.id AND seat.state <> 'released')"


async def list_people(roster: int, words: str, limit: int, offset: int) -> list[RosterPerson]:
    """In the order of the files; those whose places went to others, or were given back, are among them."""
    sql = f"{_PEOPLE} {_MATCHING} ORDER BY r.id LIMIT $3 OFFSET $4"
    return _people(await database.fetch(sql, roster, words, limit, offset))


async def list_holders(roster: int, limit: int, offset: int) -> list[RosterPerson]:
    """Only those who hold or await a place."""
    sql = f"{_PEOPLE} {_HOLDING} AND r.erased_at IS NULL ORDER BY r.id LIMIT $2 OFFSET $3"
    return _people(await database.fetch(sql, roster, limit, offset))


async def find_person(roster: int, registration: int) -> RosterPerson | None:
    found = _people(
        await database.fetch(f"{_PEOPLE} AND r.id = $2 AND r.erased_at IS NULL", roster, registration)
    )
    return found[0] if found else None


class RosterCounts(msgspec.Struct, frozen=True):
    """How many are on the list, of whom so many hold or await a place, and how many the words find."""

    people: int
    holding: int
    matching: int


COUNT_PEOPLE = f"""
    SELECT count(*)::int AS people, count(*) FILTER (WHERE true {_HOLDING})::int AS holding,
           count(*) FILTER (WHERE true {_MATCHING})::int AS matching
      FROM registration r JOIN person p ON p.id = r.person WHERE r.roster = $1
"""


async def count_people(roster: int, words: str = "") -> RosterCounts:
    found = await database.find_as(RosterCounts, COUNT_PEOPLE, roster, words)
    assert found
    return found


# Under the lock of the session: the difference is what its places feel.
SET_HEADCOUNT = """
    WITH old AS (
        SELECT COALESCE((SELECT number FROM headcount WHERE roster = $1 AND session = $2), 0) AS number
    ), gone AS (
        DELETE FROM headcount WHERE roster = $1 AND session = $2 AND $3::int = 0 RETURNING attended
    ), kept AS (
        INSERT INTO headcount (roster, session, number, created_at)
             SELECT $1, $2, $3, now() WHERE $3::int > 0
        ON CONFLICT (roster, session) DO UPDATE SET number = EXCLUDED.number
    )
    UPDATE session
       SET taken = taken + $3::int - old.number,
           attended = attended - COALESCE((SELECT attended FROM gone), 0)
      FROM old
     WHERE session.id = $2
"""


async def set_headcount(roster: int, session: int, number: int) -> None:
    await database.fetch(SET_HEADCOUNT, roster, session, number)


async def list_headcounts(roster: int) -> dict[int, int]:
    """By session."""
    rows = await database.fetch("SELECT session, number FROM headcount WHERE roster = $1", roster)
    return {row["session"]: row["number"] for row in rows}


def _people(rows: list[database.Row]) -> list[RosterPerson]:
    return [
        msgspec.convert({**row, "seats": msgspec.json.decode(row["seats"])}, RosterPerson) for row in rows
    ]
