"""Reads of sessions. Own rows are asked for by the organizations one organises for."""

from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from events_app.lib import clock, database
from events_app.lib.database import Row
from events_app.programmes.queries.activities import HOSTS, HostRow
from events_app.programmes.queries.guests import GuestRow
from events_app.programmes.queries.venues import ADDRESS, BUILDING, FULL_NAME
from events_app.programmes.tables import Admission, Extent, Kind


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
    postponed_at: datetime | None
    called_off_at: datetime | None
    called_off_reason: str
    sequence: int
    updated_at: datetime
    venue_code: str
    venue: str
    address: str
    latitude: float | None
    longitude: float | None
    site_code: str | None
    site_name: str | None
    in_charge: int | None
    in_charge_name: str | None
    activity: int
    activity_code: str
    activity_title: str
    organization: int
    kind: Kind
    admission: Admission
    guests: list[GuestRow]


class OtherSession(msgspec.Struct, frozen=True):
    """A further session of an activity, that one may want as well."""

    code: str
    title: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    taken: int
    waiting: int


class SessionPage(SessionRow, frozen=True):
    """A session with all that its public page and its poster say of the activity. `seeded`: a draw's seed is told."""

    description: str
    extent: Extent
    group_most: int
    minimum_minutes: int | None
    must_check_out: bool
    session_hours: Decimal | None
    certificates: bool
    certificate_hours: Decimal | None
    asks_birth_year: bool
    minimum_age: int | None
    eligible_only: bool
    unit_quota: int | None
    most_sessions: int | None
    walk_ins: bool
    offer_minutes: int | None
    programme_most: int | None
    seeded: bool
    terms: int
    organization_name: str
    programme_name: str
    hosts: list[HostRow]
    others: list[OtherSession]
    step_free: bool
    hearing_loop: bool
    access: str


_SESSION_COLUMNS = f"""
           s.id, s.code, s.title, s.starts_at, s.ends_at, s.capacity, s.taken, s.waiting_list, s.waiting, s.attended,
           s.opens_at, s.closes_at, s.check_in_opens_at, s.check_in_closes_at, s.postponed_at,
           s.called_off_at, s.called_off_reason, s.sequence, s.updated_at,
           v.code AS venue_code, {FULL_NAME} AS venue, {ADDRESS} AS address,
           COALESCE(v.latitude, building.latitude) AS latitude,
           COALESCE(v.longitude, building.longitude) AS longitude,
           site.code AS site_code, site.name AS site_name, s.in_charge, charged.name AS in_charge_name,
           a.id AS activity, a.code AS activity_code, a.title AS activity_title, a.organization, a.kind, a.admission,
           COALESCE((SELECT json_agg(json_build_object('name', g.name, 'honour', g.honour, 'unit', g.unit)
                                     ORDER BY ap.id)
                       FROM appearance ap JOIN guest g ON g.id = ap.guest
                      WHERE ap.session = s.id), '[]')::text AS guests
"""
_SESSION_TABLES = f"""
      FROM session s
      JOIN activity a ON a.id = s.activity
      JOIN venue v ON v.id = s.venue
      {BUILDING}
      LEFT JOIN organization site ON site.id = s.site
      LEFT JOIN account charged ON charged.id = s.in_charge
"""
_SESSION = f"SELECT {_SESSION_COLUMNS} {_SESSION_TABLES}"
# Which other sessions go along with one: of a course all that are to come, else those open for registration.
_OTHERS = """
           COALESCE((SELECT json_agg(x) FROM (
               SELECT x.code, x.title, x.starts_at, x.ends_at, x.capacity, x.taken, x.waiting
                 FROM session x
                WHERE x.activity = a.id AND x.id <> s.id AND a.extent <> 'one' AND x.called_off_at IS NULL
                  AND (x.ends_at > now() OR x.postponed_at IS NOT NULL)
                  AND (a.extent = 'course'
                       OR x.postponed_at IS NULL AND x.opens_at <= now() AND x.closes_at > now()
                          AND (x.waiting_list OR x.taken < x.capacity AND x.waiting = 0))
             ORDER BY x.starts_at, x.id LIMIT 60) AS x), '[]')::text AS others
"""

# One round trip for the page that every poster leads to.
FIND_SESSION_PAGE = f"""
    SELECT {_SESSION_COLUMNS}, a.description, a.extent, a.group_most, a.minimum_minutes, a.must_check_out,
           a.session_hours, a.certificates, a.certificate_hours,
           a.asks_birth_year, a.minimum_age, a.eligible_only, a.unit_quota, a.most_sessions, a.walk_ins,
           a.offer_minutes, p.most_sessions AS programme_most, EXISTS (SELECT FROM draw WHERE session = s.id) AS seeded,
           COALESCE((SELECT max(t.number) FROM terms t WHERE t.activity = a.id), 0) AS terms,
           o.name AS organization_name,
           COALESCE(p.name, '') AS programme_name, v.step_free, v.hearing_loop,
           COALESCE(NULLIF(v.access, ''), building.access, '') AS access, {HOSTS}, {_OTHERS}
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
    lists = {name: msgspec.json.decode(row[name]) for name in ("guests", "hosts", "others")}
    return msgspec.convert({**row, **lists}, SessionPage)


async def list_activity_sessions(activity: int) -> list[SessionRow]:
    return sessions(
        await database.fetch(f"{_SESSION} WHERE s.activity = $1 ORDER BY s.starts_at, s.id", activity)
    )


async def find_last_session(activity: int) -> SessionRow | None:
    """The latest that was not called off."""
    sql = f"{_SESSION} WHERE s.activity = $1 AND s.called_off_at IS NULL ORDER BY s.starts_at DESC, s.id DESC LIMIT 1"
    return next(iter(sessions(await database.fetch(sql, activity))), None)


async def find_own_session(code: str, organizations: list[int]) -> SessionRow | None:
    sql = f"{_SESSION} WHERE s.code = $1 AND a.organization = ANY($2)"
    return next(iter(sessions(await database.fetch(sql, code, organizations))), None)


_OF_TODAY = f"""
    {_SESSION}
     WHERE a.organization = ANY($1) AND a.published_at IS NOT NULL AND s.called_off_at IS NULL
       AND s.postponed_at IS NULL AND s.check_in_closes_at > now() AND s.check_in_opens_at < $2
  ORDER BY s.starts_at DESC, s.id
     LIMIT 6
"""


async def list_sessions_of_today(organizations: list[int]) -> list[SessionRow]:
    """Whose doors are open now, or open later today: the latest first, since an exhibition may have begun weeks ago."""
    tomorrow = clock.midnight(clock.today() + timedelta(days=1))
    return sessions(await database.fetch(_OF_TODAY, organizations, tomorrow))


RAISE_SEQUENCES = """
    WITH coming AS (
        SELECT id FROM session WHERE activity = $1 AND ends_at > now() ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE session SET sequence = sequence + 1, updated_at = now() FROM coming WHERE session.id = coming.id
"""


async def raise_sequences(activity: int) -> None:
    """Tell calendars that the sessions to come of this activity have changed."""
    await database.fetch(RAISE_SEQUENCES, activity)


def sessions(rows: list[Row]) -> list[SessionRow]:
    """Rows of _SESSION as Structs."""
    return msgspec.convert(
        [{**row, "guests": msgspec.json.decode(row["guests"])} for row in rows], list[SessionRow]
    )
