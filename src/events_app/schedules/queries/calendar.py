"""What an organiser's calendar shows: sessions of their own organizations, drafts included."""

from datetime import date, timedelta

from events_app.lib import database
from events_app.lib.clock import midnight
from events_app.programmes.queries.venues import BUILDING, FULL_NAME
from events_app.schedules.rules.calendar import Asked, Choice, Shown
from events_app.schedules.rules.timetable import Listing, Placed, RowKind, TimetableRow

# A session lasts 31 days at most, so that session_starts_at carries the range. What is joined from the left and not
# used is not looked up.
_WHEN = """
       s.starts_at > $2::timestamptz - interval '32 days' AND s.ends_at > $2 AND s.starts_at < $3
"""
_OWN = f"""
      FROM session s
      JOIN activity a ON a.id = s.activity
      LEFT JOIN venue v ON v.id = s.venue
      {BUILDING}
      LEFT JOIN organization site ON site.id = s.site
      LEFT JOIN account charge ON charge.id = s.in_charge
     WHERE a.organization = ANY($1) AND {_WHEN}
"""
_GUESTS = """
    COALESCE((SELECT string_agg(g.name, '、' ORDER BY p.id)
                FROM appearance p JOIN guest g ON g.id = p.guest WHERE p.session = s.id), '')
"""

# Only the filters that are used stand in a statement: see queries/schedule.py.
_FILTERS = {
    "activity": " AND a.code = $n",
    "kind": " AND a.kind = $n",
    "venue": " AND $n IN (v.code, building.code)",
    "guest": """ AND EXISTS (SELECT FROM appearance p JOIN guest g ON g.id = p.guest
                              WHERE p.session = s.id AND g.code = $n)""",
    "site": " AND site.code = $n",
    "in_charge": " AND s.in_charge = $n::text::int",
}
_STATES = {
    Shown.DRAFT: " AND a.published_at IS NULL AND s.called_off_at IS NULL",
    Shown.PUBLISHED: " AND a.published_at IS NOT NULL AND s.called_off_at IS NULL AND s.postponed_at IS NULL",
    Shown.POSTPONED: " AND s.postponed_at IS NOT NULL AND s.called_off_at IS NULL",
    Shown.CALLED_OFF: " AND s.called_off_at IS NOT NULL",
}
_WORDS = f"""
       AND NOT EXISTS (SELECT FROM unnest($n::text[]) AS word
                        WHERE strpos(lower(concat_ws(' ', a.title, s.title, {FULL_NAME}, site.name, charge.name,
                                                     {_GUESTS})), word) = 0)
"""


def _own(asked: Asked, organizations: list[int]) -> tuple[str, list[object]]:
    """The condition that a session is what is asked for, and the values of the whole statement."""
    first, following = asked.bounds
    sql = "TRUE"
    values: list[object] = [organizations, midnight(first), midnight(following)]
    conditions = [(getattr(asked, name), condition) for name, condition in _FILTERS.items()]
    for value, condition in (*conditions, (asked.each_word, _WORDS)):
        if value:
            values.append(value)
            sql += condition.replace("$n", f"${len(values)}")
    return sql + (_STATES[Shown(asked.state)] if asked.state else ""), values


_SESSION = f"""
    s.code, s.title, a.title AS activity_title, a.kind, a.state, a.published_at IS NOT NULL AS published,
    s.starts_at, s.ends_at, s.called_off_at, s.postponed_at, {FULL_NAME} AS venue, COALESCE(site.name, '') AS site
"""

LIST_AGENDA = f"""
    SELECT {_SESSION}, s.opens_at, s.closes_at, s.capacity, s.taken, s.waiting, s.waiting_list,
           COALESCE(charge.name, '') AS in_charge, {_GUESTS} AS guests, count(*) OVER ()::int AS total
"""


async def list_agenda(asked: Asked, organizations: list[int], limit: int, offset: int) -> list[Listing]:
    """In the order of beginning; each row knows how many there are in all."""
    fits, values = _own(asked, organizations)
    page = f"ORDER BY s.starts_at, s.id LIMIT ${len(values) + 1} OFFSET ${len(values) + 2}"
    return await database.fetch_as(Listing, f"{LIST_AGENDA} {_OWN} AND {fits} {page}", *values, limit, offset)


# Each day's first few in each row, and how many there are. What begins on a day comes before what goes on from the
# day before. Midnight ends a day, it does not begin the next. Whoever looks for a free place must see what takes it,
# whatever else is asked for: in rows what does not fit is there too, after what does.
LIST_PLACED = """
      WITH found AS (
        SELECT s.id, {row} AS row, COALESCE({fits}, false) AS fits, s.starts_at,
               (s.starts_at AT TIME ZONE 'Asia/Shanghai')::date AS first_day,
               ((s.ends_at - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai')::date AS last_day
        {where}
    ), daily AS (
        SELECT *, count(*) OVER (PARTITION BY row, day)::int AS total,
               row_number() OVER (PARTITION BY row, day
                                  ORDER BY NOT fits, first_day < day, starts_at, id) AS line
          FROM (SELECT *, first + generate_series(0, LEAST(last_day, ${last}::date) - first) AS day
                  FROM found CROSS JOIN GREATEST(first_day, ${first}::date) AS first) AS found
    )
    SELECT daily.row, day, total, fits, first_day, last_day, {session}
      FROM daily
      JOIN session s USING (id)
      JOIN activity a ON a.id = s.activity
      JOIN venue v ON v.id = s.venue
      {building}
      LEFT JOIN organization site ON site.id = s.site
     WHERE line <= ${most}
  ORDER BY row, day, line
"""
_ROW = {
    RowKind.ALL: ("''", ""),
    RowKind.VENUE: ("v.code", ""),
    RowKind.GUEST: (
        "shown.code",
        "JOIN appearance shows ON shows.session = s.id JOIN guest shown ON shown.id = shows.guest",
    ),
    RowKind.SITE: ("site.code", ""),
}


async def list_placed(
    asked: Asked, organizations: list[int], kind: RowKind, rows: list[str], most: int
) -> list[Placed]:
    """At most so many sessions of each of `rows` on each of the days that are asked for."""
    fits, values = _own(asked, organizations)
    row, join = _ROW[kind]
    where = _OWN.replace("WHERE", f"{join} WHERE", 1)
    if kind is RowKind.ALL:
        where, fits = f"{where} AND {fits}", "TRUE"
    else:
        values.append(rows)
        where += f" AND {row} = ANY(${len(values)})"
    given, (first, following) = len(values), asked.bounds
    places = {"first": given + 1, "last": given + 2, "most": given + 3}
    sql = LIST_PLACED.format(row=row, fits=fits, session=_SESSION, building=BUILDING, where=where, **places)
    return await database.fetch_as(Placed, sql, *values, first, following - timedelta(days=1), most)


# What the filters offer: what is in these days, and what is chosen. Activities also without a session, the newest
# ones, because one looks for a free place for them.
LIST_CHOICES = f"""
      WITH near AS (
        SELECT s.id, s.activity, s.venue, s.site
          FROM session s JOIN activity a ON a.id = s.activity
         WHERE a.organization = ANY($1) AND {_WHEN}
    ), offered (field, value, text) AS (
        (SELECT 'activity', a.code, a.title
           FROM activity a
          WHERE a.organization = ANY($1)
            AND (a.code = $4 OR a.id IN (SELECT activity FROM near)
                 OR a.id IN (SELECT id FROM activity WHERE organization = ANY($1) ORDER BY id DESC LIMIT 20))
          ORDER BY a.code = $4 DESC, a.id DESC LIMIT $9)
      UNION ALL
        (SELECT 'venue', v.code, {FULL_NAME}
           FROM venue v {BUILDING}
          WHERE v.organization = ANY($1) AND (v.code = $5 OR v.id IN (SELECT venue FROM near))
          ORDER BY v.code = $5 DESC, 3 LIMIT $9)
      UNION ALL
        (SELECT 'guest', g.code, g.name
           FROM guest g
          WHERE g.organization = ANY($1)
            AND (g.code = $6 OR g.id IN (SELECT p.guest FROM appearance p JOIN near ON near.id = p.session))
          ORDER BY g.code = $6 DESC, g.name LIMIT $9)
      UNION ALL
        (SELECT 'site', o.code, o.name
           FROM organization o
          WHERE o.id IN (SELECT site FROM near)
             OR o.code = $7 AND EXISTS (SELECT FROM session s JOIN activity a ON a.id = s.activity
                                         WHERE s.site = o.id AND a.organization = ANY($1))
          ORDER BY o.code = $7 DESC, o.name LIMIT $9)
      UNION ALL
        (SELECT DISTINCT 'in_charge', account.id::text, account.name
           FROM membership m JOIN account ON account.id = m.account
          WHERE m.organization = ANY($1) AND (m.role IN ('owner', 'organizer') OR account.id::text = $8)
          ORDER BY 3 LIMIT $9)
    )
    SELECT field, value, text FROM offered ORDER BY field, text, value
"""


async def list_choices(asked: Asked, organizations: list[int], most: int) -> list[Choice]:
    """At most so many of each filter's values."""
    first, following = asked.bounds
    chosen = (asked.activity, asked.venue, asked.guest, asked.site, asked.in_charge)
    days = (midnight(first), midnight(following))
    return await database.fetch_as(Choice, LIST_CHOICES, organizations, *days, *chosen, most)


# A room without hours of its own is open when its building is. `open` has bit 0 set for a Monday.
LIST_VENUE_ROWS = """
    SELECT v.code, v.name, COALESCE(building.name, '') AS above,
           COALESCE((SELECT bit_or(1 << h.weekday) FROM opening_hours h WHERE h.venue = v.id),
                    (SELECT bit_or(1 << h.weekday) FROM opening_hours h WHERE h.venue = v.parent), 127)::int AS open,
           '{}'::date[] AS absent, count(*) OVER ()::int AS total
      FROM venue v LEFT JOIN venue building ON building.id = v.parent
     WHERE v.organization = ANY($1) AND ($2 = '' OR $2 IN (v.code, building.code))
       AND $3::date IS NOT NULL
  ORDER BY COALESCE(building.name, v.name), COALESCE(v.parent, v.id), v.parent NULLS FIRST, v.name, v.id
     LIMIT $4 OFFSET $5
"""
LIST_GUEST_ROWS = """
    SELECT g.code, g.name, g.honour AS above, g.weekdays::int AS open,
           ARRAY(SELECT DISTINCT GREATEST(b.first_day, $3) + generate_series(0, LEAST(b.last_day, $3 + 6)
                                                                             - GREATEST(b.first_day, $3))
                   FROM absence b WHERE b.guest = g.id AND b.first_day <= $3 + 6 AND b.last_day >= $3) AS absent,
           count(*) OVER ()::int AS total
      FROM guest g
     WHERE g.organization = ANY($1) AND $2 IN ('', g.code)
  ORDER BY g.name, g.id
     LIMIT $4 OFFSET $5
"""
LIST_SITE_ROWS = """
    SELECT o.code, o.name, '' AS above, 127 AS open, '{}'::date[] AS absent, count(*) OVER ()::int AS total
      FROM organization o
     WHERE o.id IN (SELECT s.site FROM session s JOIN activity a ON a.id = s.activity WHERE a.organization = ANY($1))
       AND $2 IN ('', o.code) AND $3::date IS NOT NULL
  ORDER BY o.name, o.id
     LIMIT $4 OFFSET $5
"""
_ROWS = {
    RowKind.VENUE: LIST_VENUE_ROWS,
    RowKind.GUEST: LIST_GUEST_ROWS,
    RowKind.SITE: LIST_SITE_ROWS,
}


async def list_rows(
    kind: RowKind, organizations: list[int], chosen: str, monday: date, limit: int, offset: int
) -> list[TimetableRow]:
    """Venues, guests or host schools, with the days of that week on which they are not there."""
    values = (organizations, chosen, monday, limit, offset)
    return await database.fetch_as(TimetableRow, _ROWS[kind], *values)
