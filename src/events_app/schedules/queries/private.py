"""What a guest, or a school or company, sees in its own calendar: proposals too, whose activity may be unpublished."""

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.programmes.queries.venues import BUILDING
from events_app.schedules.queries.feed import FEED_COLUMNS
from events_app.schedules.queries.schedule import HIDDEN
from events_app.schedules.rules.feed import Appointment


class FeedOwner(msgspec.Struct, frozen=True):
    """Whose calendar it is. `code` is an organization's, "" for a guest."""

    guest: int | None
    organization: int | None
    name: str
    code: str


FIND_OWNER = """
    SELECT f.guest, f.organization, COALESCE(g.name, o.name) AS name, COALESCE(o.code, '') AS code
      FROM feed f
      LEFT JOIN guest g ON g.id = f.guest
      LEFT JOIN organization o ON o.id = f.organization
     WHERE f.secret = $1 AND f.revoked_at IS NULL
"""


async def find_owner(secret: str) -> FeedOwner | None:
    return await database.find_as(FeedOwner, FIND_OWNER, secret)


# An answer is a change that calendars must hear of, as the session's own are. What nobody has been asked about is not
# told while its activity is unpublished, and what was declined is nobody's appointment.
_STANDING = """,
           GREATEST(s.updated_at, a.updated_at, i.asked_at, i.answered_at) AS updated_at,
           a.published_at IS NULL OR COALESCE(i.answer IN ('open', 'countered'), false) AS tentative,
           a.published_at IS NOT NULL AS published
"""
_TABLES = f"""
      JOIN activity a ON a.id = s.activity
      JOIN organization o ON o.id = a.organization
      JOIN venue v ON v.id = s.venue
      {BUILDING}
      LEFT JOIN organization site ON site.id = s.site
"""
_LATEST = (
    "AND i.answer IS DISTINCT FROM 'declined' AND s.ends_at > $2 ORDER BY s.starts_at DESC, s.id LIMIT $3"
)

LIST_GUESTS = f"""
    {FEED_COLUMNS} {_STANDING}
      FROM appearance ap
      JOIN session s ON s.id = ap.session
      {_TABLES}
      LEFT JOIN invitation i ON i.session = s.id AND i.guest = ap.guest
     WHERE ap.guest = $1 AND (a.published_at IS NOT NULL OR i.id IS NOT NULL) {_LATEST}
"""
LIST_ORGANIZATIONS = f"""
    {FEED_COLUMNS} {_STANDING}
      FROM session s
      {_TABLES}
      LEFT JOIN invitation i ON i.session = s.id AND i.organization = $1
     WHERE a.kind NOT IN ({HIDDEN})
       AND (s.site = $1 AND (a.published_at IS NOT NULL OR i.id IS NOT NULL)
            OR a.published_at IS NOT NULL
               AND (a.organization = $1 OR a.id IN (SELECT activity FROM host WHERE organization = $1)))
       {_LATEST}
"""


async def list_private_feed(owner: FeedOwner, since: datetime, limit: int) -> list[Appointment]:
    """The latest first: if there are ever more than a feed holds, the oldest are missing."""
    sql = LIST_ORGANIZATIONS if owner.guest is None else LIST_GUESTS
    return await database.fetch_as(Appointment, sql, owner.guest or owner.organization, since, limit)
