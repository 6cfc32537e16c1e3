"""Sessions for scripts. Confidential kinds only where a member asks."""

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.programmes.queries.venues import ADDRESS, BUILDING, FULL_NAME
from events_app.programmes.tables import Kind
from events_app.schedules.queries.schedule import HIDDEN


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
    postponed_at: datetime | None
    called_off_at: datetime | None


# Published, and public or of an organization that the token's account belongs to.
_READABLE = f"""
    SELECT s.id, s.code, a.code AS activity_code, a.title AS activity_title, a.kind, s.title, s.starts_at, s.ends_at,
           {FULL_NAME} AS venue, {ADDRESS} AS address, site.code AS site_code, site.name AS site_name,
           s.capacity, s.taken, s.waiting, s.waiting_list, s.opens_at, s.closes_at,
           s.check_in_opens_at, s.check_in_closes_at, s.postponed_at, s.called_off_at
      FROM session s
      JOIN activity a ON a.id = s.activity
      JOIN venue v ON v.id = s.venue
      {BUILDING}
      LEFT JOIN organization site ON site.id = s.site
     WHERE a.published_at IS NOT NULL AND (a.kind NOT IN ({HIDDEN}) OR a.organization = ANY($1))
"""

# By id, because a session that is moved to another day must neither be missed nor be told twice.
LIST_READABLE = f"{_READABLE} AND s.id > $2 ORDER BY s.id LIMIT $3"


async def list_readable_sessions(organizations: list[int], after: int, limit: int) -> list[ReadableSession]:
    return await database.fetch_as(ReadableSession, LIST_READABLE, organizations, after, limit)


async def find_readable_session(code: str, organizations: list[int]) -> ReadableSession | None:
    sql = f"{_READABLE} AND s.code = $2"
    return await database.find_as(ReadableSession, sql, organizations, code)
