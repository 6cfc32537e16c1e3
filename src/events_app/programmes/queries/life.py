"""Where activities stand in their lives, and the steps that brought them there."""

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.programmes.rules.life import Standing
from events_app.programmes.tables import ActivityState, Kind

# Whoever has come to a session has made it one that takes place.
COMING = "s.called_off_at IS NULL AND s.ends_at > now() AND s.attended = 0"
OVERDUE = "s.called_off_at IS NULL AND s.ends_at <= now() AND s.postponed_at IS NOT NULL"

FIND_STANDING = f"""
    SELECT a.state, COALESCE(p.reviews, false) AS reviewed, COALESCE(above.name, '') AS reviewer,
           count(s.id) FILTER (WHERE s.called_off_at IS NULL)::int AS sessions,
           count(s.id) FILTER (WHERE {COMING})::int AS coming,
           count(s.id) FILTER (WHERE {OVERDUE})::int AS overdue,
           COALESCE(sum(s.taken + s.waiting), 0)::int AS registered,
           min(s.starts_at) FILTER (WHERE s.called_off_at IS NULL) AS first_at,
           max(s.ends_at) FILTER (WHERE s.called_off_at IS NULL) AS last_at
      FROM activity a
      JOIN organization o ON o.id = a.organization
      LEFT JOIN organization above ON above.id = o.parent
      LEFT JOIN policy p ON p.organization = o.parent
      LEFT JOIN session s ON s.activity = a.id
     WHERE a.id = $1
  GROUP BY a.state, p.reviews, above.name
"""


async def find_standing(activity: int) -> Standing:
    standing = await database.find_as(Standing, FIND_STANDING, activity)
    assert standing is not None
    return standing


# Two who press at once: the second finds another state and moves nothing.
MOVE_STATE = """
    UPDATE activity
       SET state = $3, published_at = $4, updated_at = now(),
           published_by = CASE WHEN $4::timestamptz IS NULL THEN NULL ELSE COALESCE(published_by, $5::int) END
     WHERE id = $1 AND state = $2
 RETURNING id
"""


async def move_state(
    activity: int, start: ActivityState, end: ActivityState, published_at: datetime | None, account: int
) -> bool:
    """False when it is no longer in the state `start`."""
    values = (activity, str(start), str(end), published_at, account)
    return await database.value(MOVE_STATE, *values) is not None


async def lock_state(activity: int) -> ActivityState | None:
    """Inside a transaction: nobody takes a step until it ends. None when it was deleted meanwhile."""
    state = await database.value("SELECT state FROM activity WHERE id = $1 FOR SHARE", activity)
    return ActivityState(state) if state else None


async def lock_sessions(activity: int) -> None:
    """Inside a transaction: nobody takes a place in any of them until it ends. In one order, as gates lock them."""
    sql = "SELECT id FROM session WHERE activity = $1 ORDER BY id FOR NO KEY UPDATE"
    await database.fetch(sql, activity)


class TransitionRow(msgspec.Struct, frozen=True):
    """A step that was taken: by whom, and with what remark."""

    at: datetime
    name: str
    from_state: ActivityState
    to_state: ActivityState
    remark: str


LIST_TRANSITIONS = """
    SELECT t.at, COALESCE(c.name, '') AS name, t.from_state, t.to_state, t.remark
      FROM transition t
      LEFT JOIN account c ON c.id = t.account
     WHERE t.activity = $1
  ORDER BY t.id DESC
     LIMIT 50
"""


async def list_transitions(activity: int) -> list[TransitionRow]:
    """The newest first."""
    return await database.fetch_as(TransitionRow, LIST_TRANSITIONS, activity)


class SubmittedRow(msgspec.Struct, frozen=True):
    """An activity that waits for the union above it."""

    code: str
    title: str
    kind: Kind
    organization_name: str
    submitted_at: datetime
    submitted_by: str
    sessions: int
    first_at: datetime | None


_SUBMITTED = " FROM activity a JOIN organization o ON o.id = a.organization AND o.parent = ANY($1)"
LIST_SUBMITTED = f"""
    SELECT a.code, a.title, a.kind, o.name AS organization_name, t.at AS submitted_at,
           COALESCE(c.name, '') AS submitted_by,
           (SELECT count(*) FROM session s WHERE s.activity = a.id AND s.called_off_at IS NULL)::int AS sessions,
           (SELECT min(s.starts_at) FROM session s WHERE s.activity = a.id AND s.called_off_at IS NULL) AS first_at
    {_SUBMITTED}
      JOIN LATERAL (SELECT t.at, t.account FROM transition t
                     WHERE t.activity = a.id AND t.to_state = 'submitted' ORDER BY t.id DESC LIMIT 1) t ON true
      LEFT JOIN account c ON c.id = t.account
     WHERE a.state = 'submitted'
  ORDER BY t.at, a.id
     LIMIT $2 OFFSET $3
"""


async def list_submitted(organizations: list[int], limit: int, offset: int) -> list[SubmittedRow]:
    """What unions directly below these have submitted; who has waited longest first."""
    return await database.fetch_as(SubmittedRow, LIST_SUBMITTED, organizations, limit, offset)


async def count_submitted(organizations: list[int]) -> int:
    sql = f"SELECT count(*) {_SUBMITTED} WHERE a.state = 'submitted'"
    return int(await database.value(sql, organizations))
