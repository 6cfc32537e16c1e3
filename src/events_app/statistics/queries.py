"""Counting 场次, 人次 and 人数. Only sessions of one's own, published activities are ever looked at.

People are counted anew for every row and every total: a person in two rows is one person in their total.
"""

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.programmes.rules.activities import CONFIDENTIAL
from events_app.programmes.tables import Kind
from events_app.statistics.rules import FEWEST, Stage, rate


class Scope(msgspec.Struct, frozen=True):
    """What is counted: sessions beginning from `since` until before `until`; "" and None leave it open."""

    organizations: list[int]
    since: datetime | None
    until: datetime | None
    activity: str
    kind: str


class Measures(msgspec.Struct, frozen=True, kw_only=True):
    """`due` and `came`, confirmed seats of sessions held and those of them attended, make the rate."""

    held: int
    planned: int
    called_off: int
    registered: int
    waiting: int
    cancelled: int
    attended: int
    people: int
    due: int
    came: int

    @property
    def rate(self) -> float | None:
        return rate(self.came, self.due)


class MonthRow(Measures, frozen=True, kw_only=True):
    """`month` is 2026-12, in Shanghai."""

    month: str


class ActivityRow(Measures, frozen=True, kw_only=True):
    code: str
    title: str
    kind: Kind
    rows: int


class SessionRow(Measures, frozen=True, kw_only=True):
    code: str
    title: str
    activity_title: str
    starts_at: datetime
    ends_at: datetime
    venue: str
    stage: Stage
    rows: int


class UnitRow(Measures, frozen=True, kw_only=True):
    """`others`: units too small to be named, together."""

    unit: str
    others: bool
    rows: int


class Report(msgspec.Struct, frozen=True):
    """All the tables of one scope, and their common totals. Each row's `rows` counts its whole table."""

    total: Measures
    months: list[MonthRow]
    activities: list[ActivityRow]
    sessions: list[SessionRow]
    units: list[UnitRow]


async def read_report(scope: Scope, most: int) -> Report:
    """At most `most` rows a table: the newest sessions, the activities and units with most attendances.

    All from one snapshot: a check-in between two statements would make a total differ from its rows.
    """
    async with database.snapshot():
        total, months = await count_months(scope)
        return Report(
            total,
            months,
            await list_activities(scope, most),
            await list_sessions(scope, most),
            await list_units(scope, most),
        )


# The ownership is here, once, under every number of the page. CASE and not OR: of a CASE the planner believes that
# half the rows pass, of such an OR that hardly any do, and the plan it would then keep for every scope looks up a
# million seats one by one.
_SHOWN = """
    WITH shown AS (
        SELECT s.id, s.activity, a.kind,
               to_char(s.starts_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') AS month,
               CASE WHEN s.called_off_at IS NOT NULL THEN 'called_off'
                    WHEN s.ends_at <= now() AND s.postponed_at IS NULL THEN 'held'
                    ELSE 'planned' END AS stage
          FROM session s
          JOIN activity a ON a.id = s.activity AND a.published_at IS NOT NULL
         WHERE a.organization = ANY($1)
           AND CASE WHEN $2::timestamptz IS NULL THEN true ELSE s.starts_at >= $2 END
           AND CASE WHEN $3::timestamptz IS NULL THEN true ELSE s.starts_at < $3 END
           AND CASE WHEN $4 = '' THEN true ELSE a.code = $4 END
           AND CASE WHEN $5 = '' THEN true ELSE a.kind = $5 END
    )
"""
_COUNT_SESSIONS = """
               count(*) FILTER (WHERE stage = 'held')::int AS held,
               count(*) FILTER (WHERE stage = 'planned')::int AS planned,
               count(*) FILTER (WHERE stage = 'called_off')::int AS called_off
"""
_SEATS = """
          FROM shown
          JOIN seat ON seat.session = shown.id AND shown.stage <> 'called_off'
          JOIN registration r ON r.id = seat.registration
"""
_COUNT_SEATS_ONLY = """
               count(*) FILTER (WHERE state IN ('confirmed', 'pending', 'offered'))::int AS registered,
               count(*) FILTER (WHERE state = 'waitlisted')::int AS waiting,
               count(*) FILTER (WHERE state = 'released')::int AS cancelled,
               count(*) FILTER (WHERE attended_at IS NOT NULL)::int AS attended,
               count(*) FILTER (WHERE state = 'confirmed' AND stage = 'held')::int AS due,
               count(*) FILTER (WHERE state = 'confirmed' AND stage = 'held'
                                  AND attended_at IS NOT NULL)::int AS came
"""
_COUNT_SEATS = f"""{_COUNT_SEATS_ONLY},
               count(DISTINCT participant) FILTER (WHERE attended_at IS NOT NULL)::int AS people
"""
_ADD_SEATS = ", ".join(
    f"sum({name})::int AS {name}"
    for name in ("registered", "waiting", "cancelled", "attended", "due", "came")
)
# A session nobody registered for has no seats to count.
_SEATS_ELSE_NONE = ", ".join(
    f"COALESCE({name}, 0) AS {name}"
    for name in ("registered", "waiting", "cancelled", "people", "due", "came")
)
# People of a unit who are a number and have no names came too: each is an attendance, and nobody knows who they are.
_SEATS_OR_NONE = f"{_SEATS_ELSE_NONE}, COALESCE(attended, 0) + COALESCE(heads, 0) AS attended"
_HEADS = """
          FROM shown
          JOIN headcount h ON h.session = shown.id AND shown.stage <> 'called_off'
"""

# Months and the total in one pass over the seats; '' is the total.
COUNT_MONTHS = f"""
    {_SHOWN}, sessions AS (
        SELECT COALESCE(month, '') AS month, {_COUNT_SESSIONS}
          FROM shown GROUP BY GROUPING SETS ((), (month))
    ), seats AS (
        SELECT COALESCE(month, '') AS month, {_COUNT_SEATS}
        {_SEATS} GROUP BY GROUPING SETS ((), (month))
    ), heads AS (
        SELECT COALESCE(month, '') AS month, sum(h.attended)::int AS heads
        {_HEADS} GROUP BY GROUPING SETS ((), (month))
    )
    SELECT month, held, planned, called_off, {_SEATS_OR_NONE}
      FROM sessions LEFT JOIN seats USING (month) LEFT JOIN heads USING (month)
  ORDER BY month
"""


async def count_months(scope: Scope) -> tuple[Measures, list[MonthRow]]:
    """The total, and the months in order."""
    total, *months = await database.fetch_as(MonthRow, COUNT_MONTHS, *_parameters(scope))
    return total, months


LIST_ACTIVITIES = f"""
    {_SHOWN}, sessions AS (
        SELECT activity, {_COUNT_SESSIONS} FROM shown GROUP BY activity
    ), seats AS (
        SELECT shown.activity, {_COUNT_SEATS} {_SEATS} GROUP BY shown.activity
    ), heads AS (
        SELECT shown.activity, sum(h.attended)::int AS heads {_HEADS} GROUP BY shown.activity
    )
    SELECT a.code, a.title, a.kind, held, planned, called_off, {_SEATS_OR_NONE}, count(*) OVER ()::int AS rows
      FROM sessions
      LEFT JOIN seats USING (activity)
      LEFT JOIN heads USING (activity)
      JOIN activity a ON a.id = sessions.activity
  ORDER BY attended DESC, registered DESC, a.id
     LIMIT $6
"""


async def list_activities(scope: Scope, most: int) -> list[ActivityRow]:
    return await database.fetch_as(ActivityRow, LIST_ACTIVITIES, *_parameters(scope), most)


# The newest sessions are chosen before their seats are counted: a page costs what it shows. In one session a person
# has one registration and this one seat (registration_activity_person_uq, seat_registration_session_uq), so people
# can be told apart by the seat alone, and seats are read along their index on (session, id).
LIST_SESSIONS = f"""
    {_SHOWN}, newest AS (
        SELECT s.id, s.code, s.title, s.starts_at, s.ends_at, s.venue, shown.activity, shown.stage,
               count(*) OVER ()::int AS rows
          FROM shown JOIN session s ON s.id = shown.id
      ORDER BY s.starts_at DESC, s.id DESC
         LIMIT $6
    ), seats AS (
        SELECT newest.id, {_COUNT_SEATS_ONLY},
               count(DISTINCT registration) FILTER (WHERE attended_at IS NOT NULL)::int AS people
          FROM newest
          JOIN seat ON seat.session = newest.id AND newest.stage <> 'called_off'
      GROUP BY newest.id
    ), heads AS (
        SELECT newest.id, sum(h.attended)::int AS heads
          FROM newest JOIN headcount h ON h.session = newest.id AND newest.stage <> 'called_off'
      GROUP BY newest.id
    )
    SELECT newest.code, newest.title, newest.starts_at, newest.ends_at, newest.stage, newest.rows, v.name AS venue,
           a.title AS activity_title, (stage = 'held')::int AS held, (stage = 'planned')::int AS planned,
           (stage = 'called_off')::int AS called_off, {_SEATS_OR_NONE}
      FROM newest
      LEFT JOIN seats USING (id)
      LEFT JOIN heads USING (id)
      JOIN activity a ON a.id = newest.activity
      JOIN venue v ON v.id = newest.venue
  ORDER BY newest.starts_at DESC, newest.id DESC
"""


async def list_sessions(scope: Scope, most: int) -> list[SessionRow]:
    return await database.fetch_as(SessionRow, LIST_SESSIONS, *_parameters(scope), most)


# In a confidential activity a unit with few people could point at one of them: these units become one row, in which
# it cannot be seen whose people they are. It is decided by activity, before rows of several activities are added up.
# Seats are added up by unit and session, and people told apart by unit and participant, because both hash: one pass
# with count(DISTINCT …) has to sort all seats by the unit's name, five times slower on a million of them.
LIST_UNITS = f"""
    {_SHOWN}, few AS (
        SELECT shown.activity, r.unit
        {_SEATS}
         WHERE shown.kind = ANY($7::text[])
      GROUP BY shown.activity, r.unit
        HAVING count(DISTINCT participant) < $8
            OR count(DISTINCT participant) FILTER (WHERE attended_at IS NOT NULL) BETWEEN 1 AND $8 - 1
    ), parts AS (
        SELECT CASE WHEN few.unit IS NULL THEN r.unit ELSE '' END AS unit, few.unit IS NOT NULL AS others,
               shown.id, shown.stage, {_COUNT_SEATS_ONLY}
        {_SEATS}
          LEFT JOIN few ON few.activity = shown.activity AND few.unit = r.unit
      GROUP BY 1, 2, 3, 4
    ), persons AS (
        SELECT CASE WHEN few.unit IS NULL THEN r.unit ELSE '' END AS unit, few.unit IS NOT NULL AS others, participant
        {_SEATS}
          LEFT JOIN few ON few.activity = shown.activity AND few.unit = r.unit
         WHERE attended_at IS NOT NULL
      GROUP BY 1, 2, 3
    ), counted AS (
        SELECT unit, others, count(*)::int AS people FROM persons GROUP BY unit, others
    ), heads AS (
        SELECT CASE WHEN shown.kind = ANY($7::text[]) THEN '' ELSE roster.unit END AS unit,
               shown.kind = ANY($7::text[]) AS others, sum(h.attended)::int AS heads,
               count(DISTINCT shown.id) FILTER (WHERE shown.stage = 'held')::int AS heads_held
        {_HEADS} JOIN roster ON roster.id = h.roster
         WHERE h.attended > 0
      GROUP BY 1, 2
    ), added AS (
        SELECT unit, others,
               count(*) FILTER (WHERE stage = 'held' AND registered + waiting > 0)::int AS held,
               count(*) FILTER (WHERE stage = 'planned' AND registered + waiting > 0)::int AS planned,
               {_ADD_SEATS}
          FROM parts GROUP BY unit, others
    )
    SELECT unit, others, GREATEST(held, heads_held, 0) AS held, COALESCE(planned, 0) AS planned, 0 AS called_off,
           {_SEATS_OR_NONE}, count(*) OVER ()::int AS rows
      FROM added
      LEFT JOIN counted USING (unit, others)
      FULL JOIN heads USING (unit, others)
  ORDER BY others, attended DESC, registered DESC, unit
     LIMIT $6
"""


async def list_units(scope: Scope, most: int) -> list[UnitRow]:
    kinds = [str(kind) for kind in CONFIDENTIAL]
    return await database.fetch_as(UnitRow, LIST_UNITS, *_parameters(scope), most, kinds, FEWEST)


class Choice(msgspec.Struct, frozen=True):
    code: str
    title: str


LIST_CHOICES = """
    SELECT code, title FROM activity
     WHERE organization = ANY($1) AND published_at IS NOT NULL
  ORDER BY (code = $2) DESC, id DESC
     LIMIT 500
"""


async def list_choices(organizations: list[int], chosen: str) -> list[Choice]:
    """Activities to choose from, the newest first; `chosen` stands on top if it is one of them."""
    return await database.fetch_as(Choice, LIST_CHOICES, organizations, chosen)


def _parameters(scope: Scope) -> tuple[object, ...]:
    return scope.organizations, scope.since, scope.until, scope.activity, scope.kind
