"""Reads of what is on. Drafts are nowhere in them, and confidential kinds only where a member asks through the API."""

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.programmes.rules import CONFIDENTIAL
from events_app.programmes.tables import Kind
from events_app.schedules.rules import Appointment, Listed, Wanted

_HIDDEN = sorted(CONFIDENTIAL)

# What anybody may see of a stretch of time. A session lasts 31 days at most (programmes.rules.session_errors): that
# bound lets session_starts_at carry the range. An empty filter is a constant to the planner and costs nothing.
_PUBLIC = """
      FROM session s
      JOIN activity a ON a.id = s.activity
      JOIN organization o ON o.id = a.organization
      JOIN venue v ON v.id = s.venue
      LEFT JOIN organization site ON site.id = s.site
     WHERE a.published_at IS NOT NULL AND a.kind <> ALL($1)
       AND s.starts_at > $2::timestamptz - interval '32 days' AND s.ends_at > $2
       AND s.starts_at < COALESCE($3, 'infinity'::timestamptz)
       AND ($4 = '' OR a.kind = $4)
       AND ($5 = '' OR COALESCE(NULLIF(site.region, ''), o.region) LIKE $5 || '%')
       AND ($6 = '' OR $6 IN (o.code, site.code)
            OR EXISTS (SELECT FROM host h JOIN organization ho ON ho.id = h.organization
                        WHERE h.activity = a.id AND ho.code = $6))
       AND NOT EXISTS (SELECT FROM unnest($7::text[]) AS word
                        WHERE strpos(lower(concat_ws(' ', a.title, s.title, v.name, v.address, site.name, o.name,
                                                     (SELECT string_agg(ho.name, ' ')
                                                        FROM host h JOIN organization ho ON ho.id = h.organization
                                                       WHERE h.activity = a.id))), word) = 0)
"""

LIST_SESSIONS = f"""
    SELECT s.code, s.title, a.code AS activity_code, a.title AS activity_title, a.kind, s.starts_at, s.ends_at,
           s.opens_at, s.closes_at, s.called_off_at, s.called_off_reason, s.capacity, s.taken, s.waiting_list,
           v.name AS venue,
           COALESCE(site.code, o.code) AS host_code, COALESCE(site.name, o.name) AS host
    {_PUBLIC}
  ORDER BY s.starts_at, s.id
     LIMIT $8 OFFSET $9
"""


async def list_sessions(
    wanted: Wanted, since: datetime, until: datetime | None, limit: int, offset: int = 0
) -> list[Listed]:
    """What is not over at `since` and begins before `until`, in the order of beginning."""
    return await database.fetch_as(Listed, LIST_SESSIONS, *_values(wanted, since, until), limit, offset)


COUNT_SESSIONS = f"SELECT count(*) {_PUBLIC}"


async def count_sessions(wanted: Wanted, since: datetime) -> int:
    return int(await database.value(COUNT_SESSIONS, *_values(wanted, since, None)))


# The choice of regions holds only those where something is coming.
LIST_PROVINCES = """
    SELECT DISTINCT left(COALESCE(NULLIF(site.region, ''), o.region), 2) AS province
      FROM session s
      JOIN activity a ON a.id = s.activity
      JOIN organization o ON o.id = a.organization
      LEFT JOIN organization site ON site.id = s.site
     WHERE a.published_at IS NOT NULL AND a.kind <> ALL($1)
       AND s.starts_at > $2::timestamptz - interval '32 days' AND s.ends_at > $2
  ORDER BY province
"""


async def list_provinces(since: datetime) -> list[str]:
    """The first two digits of their codes."""
    rows = await database.fetch(LIST_PROVINCES, _HIDDEN, since)
    return [row["province"] for row in rows if row["province"]]


# The activity's title is in every entry, so its changes count as the session's.
LIST_FEED = f"""
    SELECT s.code, s.title, a.title AS activity_title, a.kind, s.starts_at, s.ends_at,
           GREATEST(s.updated_at, a.updated_at) AS updated_at, s.sequence, s.called_off_at, s.called_off_reason,
           v.name AS venue, v.address, v.latitude, v.longitude, site.name AS site,
           COALESCE((SELECT string_agg(ho.name, '、' ORDER BY h.position, h.id)
                       FROM host h JOIN organization ho ON ho.id = h.organization
                      WHERE h.activity = a.id AND h.role = 'host'), o.name) AS hosts
    {_PUBLIC}
  ORDER BY s.starts_at, s.id
     LIMIT $8
"""


async def list_feed(organization: str, since: datetime, limit: int) -> list[Appointment]:
    values = _values(Wanted(organization=organization), since, None)
    return await database.fetch_as(Appointment, LIST_FEED, *values, limit)


class ReadableSession(msgspec.Struct, frozen=True):
    """A session as scripts get it, but for its phase."""

    id: int
    code: str
    activity_code: str
    activity_title: str
    kind: Kind
    title: str
    starts_at: datetime
    ends_at: datetime
    venue: str
    address: str
    site_code: str | None
    site_name: str | None
    capacity: int
    taken: int
    waiting: int
    waiting_list: bool
    opens_at: datetime
    closes_at: datetime
    check_in_opens_at: datetime
    check_in_closes_at: datetime
    called_off_at: datetime | None


# Published, and public or of an organization that the token's account belongs to.
_READABLE = """
    SELECT s.id, s.code, a.code AS activity_code, a.title AS activity_title, a.kind, s.title, s.starts_at, s.ends_at,
           v.name AS venue, v.address, site.code AS site_code, site.name AS site_name,
           s.capacity, s.taken, s.waiting, s.waiting_list, s.opens_at, s.closes_at,
           s.check_in_opens_at, s.check_in_closes_at, s.called_off_at
      FROM session s
      JOIN activity a ON a.id = s.activity
      JOIN venue v ON v.id = s.venue
      LEFT JOIN organization site ON site.id = s.site
     WHERE a.published_at IS NOT NULL AND (a.kind <> ALL($1) OR a.organization = ANY($2))
"""

# By id, because a session that is moved to another day must neither be missed nor be told twice.
LIST_READABLE = f"{_READABLE} AND s.id > $3 ORDER BY s.id LIMIT $4"


async def list_readable_sessions(organizations: list[int], after: int, limit: int) -> list[ReadableSession]:
    return await database.fetch_as(ReadableSession, LIST_READABLE, _HIDDEN, organizations, after, limit)


async def find_readable_session(code: str, organizations: list[int]) -> ReadableSession | None:
    sql = f"{_READABLE} AND s.code = $3"
    return await database.find_as(ReadableSession, sql, _HIDDEN, organizations, code)


def _values(wanted: Wanted, since: datetime, until: datetime | None) -> tuple[object, ...]:
    return (_HIDDEN, since, until, wanted.kind, wanted.region, wanted.organization, wanted.each_word)
