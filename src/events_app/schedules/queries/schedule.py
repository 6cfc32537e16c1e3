"""The public schedule: neither drafts nor confidential kinds."""

from datetime import datetime

from events_app.lib import database
from events_app.programmes.rules.activities import CONFIDENTIAL
from events_app.schedules.rules.schedule import Listed, Wanted

# Words of our own code, written into the statements: a parameter would leave the planner guessing how many they are.
HIDDEN = ", ".join(f"'{kind}'" for kind in sorted(CONFIDENTIAL))

# What anybody may see of a stretch of time. A session lasts 31 days at most (programmes.rules.session_errors): that
# bound lets session_starts_at carry the range.
_PUBLIC = f"""
      FROM session s
      JOIN activity a ON a.id = s.activity
      JOIN organization o ON o.id = a.organization
      JOIN venue v ON v.id = s.venue
      LEFT JOIN organization site ON site.id = s.site
     WHERE a.published_at IS NOT NULL AND a.kind NOT IN ({HIDDEN})
       AND s.starts_at > $1::timestamptz - interval '32 days' AND s.ends_at > $1
"""

# A statement holds only the filters that are used: conditions such as "$4 = '' OR a.kind = $4" spoil the estimates of
# a prepared plan (measured with 60,000 sessions: 200 ms instead of 5).
_UNTIL = " AND s.starts_at < $n"
_KIND = " AND a.kind = $n"
_REGION = " AND COALESCE(NULLIF(site.region, ''), o.region) LIKE $n || '%'"
_ORGANIZATION = """
       AND (o.code = $n OR site.code = $n
            OR a.id IN (SELECT h.activity FROM host h JOIN organization ho ON ho.id = h.organization
                         WHERE ho.code = $n))
"""
_WORDS = """
       AND NOT EXISTS (SELECT FROM unnest($n::text[]) AS word
                        WHERE strpos(lower(concat_ws(' ', a.title, s.title, v.name, v.address, site.name, o.name,
                                                     (SELECT string_agg(ho.name, ' ')
                                                        FROM host h JOIN organization ho ON ho.id = h.organization
                                                       WHERE h.activity = a.id))), word) = 0)
"""


def public(wanted: Wanted, since: datetime, until: datetime | None) -> tuple[str, list[object]]:
    """FROM and WHERE with their values."""
    sql = _PUBLIC
    values: list[object] = [since]
    filters = (
        (until, _UNTIL),
        (wanted.kind, _KIND),
        (wanted.region, _REGION),
        (wanted.organization, _ORGANIZATION),
        (wanted.each_word, _WORDS),
    )
    for value, condition in filters:
        if value:
            values.append(value)
            sql += condition.replace("$n", f"${len(values)}")
    return sql, values


LIST_SESSIONS = """
    SELECT s.code, s.title, a.code AS activity_code, a.title AS activity_title, a.kind, s.starts_at, s.ends_at,
           s.opens_at, s.closes_at, s.called_off_at, s.called_off_reason, s.capacity, s.taken, s.waiting_list,
           v.name AS venue,
           COALESCE(site.code, o.code) AS host_code, COALESCE(site.name, o.name) AS host
"""


async def list_sessions(
    wanted: Wanted, since: datetime, until: datetime | None, limit: int, offset: int = 0
) -> list[Listed]:
    """What is not over at `since` and begins before `until`, in the order of beginning."""
    where, values = public(wanted, since, until)
    page = f"ORDER BY s.starts_at, s.id LIMIT ${len(values) + 1} OFFSET ${len(values) + 2}"
    return await database.fetch_as(Listed, f"{LIST_SESSIONS} {where} {page}", *values, limit, offset)


async def count_sessions(wanted: Wanted, since: datetime) -> int:
    where, values = public(wanted, since, None)
    return int(await database.value(f"SELECT count(*) {where}", *values))


# The choice of regions holds only those where something is coming.
LIST_PROVINCES = f"""
    SELECT DISTINCT left(COALESCE(NULLIF(site.region, ''), o.region), 2) AS province
      FROM session s
      JOIN activity a ON a.id = s.activity
      JOIN organization o ON o.id = a.organization
      LEFT JOIN organization site ON site.id = s.site
     WHERE a.published_at IS NOT NULL AND a.kind NOT IN ({HIDDEN})
       AND s.starts_at > $1::timestamptz - interval '32 days' AND s.ends_at > $1
  ORDER BY province
"""


async def list_provinces(since: datetime) -> list[str]:
    """The first two digits of their codes."""
    rows = await database.fetch(LIST_PROVINCES, since)
    return [row["province"] for row in rows if row["province"]]
