"""Scans that wait for an organiser to look at them, and what was looked at."""

from datetime import datetime
from enum import StrEnum

import msgspec

from events_app.checkin.tables import Direction, Verdict
from events_app.lib import database


class ConflictKind(StrEnum):
    """`double`: let in by two. `stray`: left without having come in. `refused`: let in although it is no good ticket
    at that door. `flagged`: a second person by one phone.
    """

    DOUBLE = "double"
    STRAY = "stray"
    REFUSED = "refused"
    FLAGGED = "flagged"


class Conflict(msgspec.Struct, frozen=True):
    """`where`: the gate's label or what the staff called their door; `by` whose account it was.

    `other_…`: of a double the scan by which they were in already, of a flagged one whom the phone checked in before.
    `released_at`, `called_off_at`: since when the seat or the session was no more.
    """

    scan: int
    kind: ConflictKind
    seat: int | None
    name: str | None
    unit: str | None
    ticket: str
    direction: Direction
    verdict: Verdict
    at: datetime
    where: str
    by: str | None
    other_at: datetime | None
    other_where: str | None
    other_by: str | None
    other_name: str | None
    attended_at: datetime | None
    released_at: datetime | None
    called_off_at: datetime | None
    settled_at: datetime | None
    settled_by: str | None


# What was not taken back, as rules.attendance.undone has it.
_STANDS = """
    NOT EXISTS (SELECT FROM scan undo
                 WHERE undo.seat = scan.seat AND undo.undoes = scan.nonce AND undo.direction = 'undo'
                   AND (undo.verdict = 'admitted'
                        OR undo.verdict = 'not_in' AND undo.at - scan.at <= interval '15 minutes'
                           AND (undo.gate, undo.account) IS NOT DISTINCT FROM (scan.gate, scan.account)))
"""
# Doubles and strays as rules.attendance.attendance finds them: whichever of two scans arrived first. Where nobody was
# let in without network every scan was judged beside all the others, and there are none.
_STRANGE = f"""
    WITH moves AS (
        SELECT scan.id, scan.direction, lag(scan.id) OVER by_time AS before,
               lag(scan.direction) OVER by_time AS last
          FROM scan
         WHERE scan.session = $1 AND scan.let_in AND scan.direction <> 'undo' AND scan.evidence <> 'later'
           AND scan.verdict IN ('admitted', 'already_in', 'not_in') AND {_STANDS}
           AND scan.seat IN (SELECT seat FROM scan
                              WHERE session = $1 AND offline AND let_in AND seat IS NOT NULL)
        WINDOW by_time AS (PARTITION BY scan.seat ORDER BY scan.at, scan.nonce)
    ), strange AS (
        SELECT id, 'double' AS kind, before FROM moves WHERE direction = 'in' AND last = 'in'
         UNION ALL
        SELECT id, 'stray', NULL FROM moves WHERE direction = 'out' AND last IS DISTINCT FROM 'in'
         UNION ALL
        SELECT id, CASE verdict WHEN 'flagged' THEN 'flagged' ELSE 'refused' END, NULL
          FROM scan
         WHERE scan.session = $1 AND scan.direction <> 'undo' AND {_STANDS}
           AND (scan.verdict = 'flagged'
                OR scan.let_in AND scan.verdict NOT IN ('admitted', 'already_in', 'not_in'))
    )
"""
LIST_CONFLICTS = f"""
    {_STRANGE}
    SELECT scan.id AS scan, strange.kind, scan.seat, p.name, r.unit, scan.ticket, scan.direction, scan.verdict, scan.at,
           COALESCE(gate.label, scan.place) AS where, account.name AS by,
           COALESCE(other.at, first.at) AS other_at, COALESCE(other_gate.label, other.place) AS other_where,
           other_account.name AS other_by, first.name AS other_name,
           seat.attended_at, seat.released_at, s.called_off_at, scan.settled_at, settler.name AS settled_by
      FROM strange
      JOIN scan ON scan.id = strange.id
      JOIN session s ON s.id = scan.session
      LEFT JOIN gate ON gate.id = scan.gate
      LEFT JOIN account ON account.id = scan.account
      LEFT JOIN account settler ON settler.id = scan.settled_by
      LEFT JOIN seat ON seat.id = scan.seat
      LEFT JOIN registration r ON r.id = seat.registration
      LEFT JOIN person p ON p.id = r.person
      LEFT JOIN scan other ON other.id = strange.before
      LEFT JOIN gate other_gate ON other_gate.id = other.gate
      LEFT JOIN account other_account ON other_account.id = other.account
      LEFT JOIN LATERAL (
           SELECT earlier.at, who.name
             FROM scan earlier
             JOIN seat held ON held.id = earlier.seat
             JOIN registration theirs ON theirs.id = held.registration
             JOIN person who ON who.id = theirs.person
            WHERE strange.kind = 'flagged' AND earlier.session = $1 AND earlier.device = scan.device
              AND earlier.device <> '' AND earlier.seat <> scan.seat AND earlier.let_in
         ORDER BY earlier.id
            LIMIT 1) AS first ON true
     WHERE (scan.settled_at IS NULL) = $2
  ORDER BY scan.settled_at DESC, scan.at, scan.id
     LIMIT $3
"""
COUNT_CONFLICTS = f"""
    {_STRANGE}
    SELECT count(*)::int FROM strange JOIN scan ON scan.id = strange.id WHERE scan.settled_at IS NULL
"""


async def list_conflicts(session: int, limit: int, *, open: bool) -> list[Conflict]:
    """Those that wait by their time, those that were looked at the last first."""
    return await database.fetch_as(Conflict, LIST_CONFLICTS, session, open, limit)


async def count_conflicts(session: int) -> int:
    """How many wait."""
    return int(await database.value(COUNT_CONFLICTS, session))


class Settled(msgspec.Struct, frozen=True):
    nonce: str
    seat: int | None
    ticket: str
    device: str
    at: datetime
    verdict: Verdict


SETTLE = """
    UPDATE scan SET settled_at = now(), settled_by = $3
     WHERE id = $2 AND session = $1 AND settled_at IS NULL AND (let_in OR verdict = 'flagged')
 RETURNING nonce, seat, ticket, device, at, verdict
"""


async def settle(session: int, scan: int, account: int) -> Settled | None:
    """None when somebody did before, or when there is nothing to settle."""
    return await database.find_as(Settled, SETTLE, session, scan, account)


async def is_logged(session: int, scan: int) -> bool:
    sql = "SELECT EXISTS (SELECT FROM scan WHERE id = $2 AND session = $1)"
    return bool(await database.value(sql, session, scan))
