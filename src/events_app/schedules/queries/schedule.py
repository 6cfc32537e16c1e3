"""The public schedule: neither drafts nor confidential kinds."""

from datetime import date, datetime, timedelta

from events_app.lib import database
from events_app.lib.clock import midnight
from events_app.programmes.queries.venues import ADDRESS, BUILDING, FULL_NAME
from events_app.programmes.rules.activities import CONFIDENTIAL
from events_app.schedules.rules.schedule import Listed, OnDay, Wanted

# Words of our own code, written into the statements: a parameter would leave the planner guessing how many they are.
HIDDEN = ", ".join(f"'{kind}'" for kind in sorted(CONFIDENTIAL))

# What anybody may see of a stretch of time. A session lasts 31 days at most (programmes.rules.session_errors): that
# bound lets session_starts_at carry the range. Every session has an activity, a venue and an organization; joined from
# the left, those that a statement does not use are not looked up at all.
_PUBLIC = f"""
      FROM session s
      JOIN activity a ON a.id = s.activity
      LEFT JOIN organization o ON o.id = a.organization
      LEFT JOIN venue v ON v.id = s.venue
      {BUILDING}
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
_WORDS = f"""
       AND NOT EXISTS (SELECT FROM unnest($n::text[]) AS word
                        WHERE strpos(lower(concat_ws(' ', a.title, s.title, building.name, v.name, {ADDRESS},
                                                     site.name, o.name,
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


LIST_SESSIONS = f"""
    SELECT s.code, s.title, a.code AS activity_code, a.title AS activity_title, a.kind, s.starts_at, s.ends_at,
           s.opens_at, s.closes_at, s.postponed_at, s.called_off_at, s.called_off_reason, s.capacity, s.taken,
           s.waiting_list, {FULL_NAME} AS venue,
           COALESCE(site.code, o.code) AS host_code, COALESCE(site.name, o.name) AS host
"""


async def list_sessions(
    wanted: Wanted, since: datetime, until: datetime | None, limit: int, offset: int = 0
) -> list[Listed]:
    """What is not over at `since` and begins before `until`, in the order of beginning."""
    where, values = public(wanted, since, until)
    page = f"ORDER BY s.starts_at, s.id LIMIT ${len(values) + 1} OFFSET ${len(values) + 2}"
    return await database.fetch_as(Listed, f"{LIST_SESSIONS} {where} {page}", *values, limit, offset)


async def count_sessions(wanted: Wanted, since: datetime, until: datetime | None) -> int:
    where, values = public(wanted, since, until)
    return int(await database.value(f"SELECT count(*) {where}", *values))


# A month of five hundred sessions is read in one glance: each day's first few, and how many there are. What begins on
# a day comes before what goes on from the day before. Midnight ends a day, it does not begin the next.
LIST_MONTH = """
      WITH found AS (
        SELECT s.id, s.starts_at, (s.starts_at AT TIME ZONE 'Asia/Shanghai')::date AS first_day,
               ((s.ends_at - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai')::date AS last_day
        {where}
    ), daily AS (
        SELECT id, day, first_day < day AS goes_on, count(*) OVER (PARTITION BY day)::int AS total,
               row_number() OVER (PARTITION BY day ORDER BY first_day < day, starts_at, id) AS line
          FROM (SELECT *, first + generate_series(0, LEAST(last_day, ${last}::date) - first) AS day
                  FROM found CROSS JOIN GREATEST(first_day, ${first}::date) AS first) AS found
    )
    SELECT day, total, goes_on, s.code, s.title, a.title AS activity_title, s.starts_at, s.postponed_at, s.called_off_at
      FROM daily
      JOIN session s USING (id)
      JOIN activity a ON a.id = s.activity
     WHERE line <= ${most}
  ORDER BY day, line
"""


async def list_month(wanted: Wanted, first: date, following: date, most: int) -> list[OnDay]:
    """At most so many sessions of each day from `first` to the day before `following`."""
    where, values = public(wanted, midnight(first), midnight(following))
    given = len(values)
    sql = LIST_MONTH.format(where=where, first=given + 1, last=given + 2, most=given + 3)
    return await database.fetch_as(OnDay, sql, *values, first, following - timedelta(days=1), most)


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
