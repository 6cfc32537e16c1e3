"""Groups who come in together: a unit with its leader, or people of one registration."""

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.registration.tables import SeatState


class Arriving(msgspec.Struct, frozen=True):
    """A unit at one session's door. `heads` are people without names, `heads_in` of them came; None before a count."""

    roster: int
    organization: int
    unit: str
    leader_name: str
    heads: int | None
    heads_in: int | None


FIND_ARRIVING = """
    SELECT r.id AS roster, a.organization, r.unit, r.leader_name, h.number AS heads, h.attended AS heads_in
      FROM session s
      JOIN activity a ON a.id = s.activity
      JOIN roster r ON r.activity = s.activity AND r.revoked_at IS NULL
      LEFT JOIN headcount h ON h.roster = r.id AND h.session = s.id
     WHERE s.id = $1 AND r.arrival_code = $2
"""


async def find_arriving(session: int, arrival: str) -> Arriving | None:
    return await database.find_as(Arriving, FIND_ARRIVING, session, arrival)


class Member(msgspec.Struct, frozen=True):
    seat: int
    ticket: str
    name: str
    phone: str
    state: SeatState
    attended_at: datetime | None
    inside: bool


_MEMBERS = """
    SELECT seat.id AS seat, r.ticket, p.name, CASE WHEN r.erased_at IS NULL THEN p.phone ELSE '' END AS phone,
           seat.state, seat.attended_at, seat.inside
      FROM seat
      JOIN registration r ON r.id = seat.registration
      JOIN person p ON p.id = r.person
"""


async def list_unit(session: int, roster: int) -> list[Member]:
    """Who of the unit's list has, or waits for, a place in this session."""
    sql = (
        f"{_MEMBERS} WHERE seat.session = $1 AND r.roster = $2 AND seat.state <> 'released' ORDER BY seat.id"
    )
    return await database.fetch_as(Member, sql, session, roster)


async def list_party(session: int, seat: int) -> list[Member]:
    """Who registered together with the holder of this seat, themselves among them; nobody for a seat of elsewhere."""
    sql = f"""{_MEMBERS} JOIN seat known ON known.id = $2 AND known.session = $1
               WHERE seat.session = $1 AND (seat.id = known.id OR seat.party = known.party) AND seat.state <> 'released'
            ORDER BY seat.id"""
    return await database.fetch_as(Member, sql, session, seat)


class Companions(msgspec.Struct, frozen=True):
    """So many came by the same registration as the holder of this seat, and are not in yet."""

    seat: int
    number: int


async def find_companions(session: int, nonce: str) -> Companions | None:
    """Of whoever was scanned by this nonce; None for one who comes alone, or last."""
    sql = """SELECT seat.id AS seat, count(*)::int AS number
               FROM scan
               JOIN seat ON seat.id = scan.seat
               JOIN seat other ON other.session = seat.session AND other.party = seat.party AND other.id <> seat.id
                              AND other.state = 'confirmed' AND NOT other.inside
              WHERE scan.session = $1 AND scan.nonce = $2
           GROUP BY seat.id"""
    return await database.find_as(Companions, sql, session, nonce)


class Shown(msgspec.Struct, frozen=True):
    """What a unit's own code says to whoever opens it on a phone."""

    unit: str
    activity_title: str


async def find_shown(arrival: str) -> Shown | None:
    sql = """SELECT r.unit, a.title AS activity_title
               FROM roster r JOIN activity a ON a.id = r.activity AND a.published_at IS NOT NULL
              WHERE r.arrival_code = $1 AND r.revoked_at IS NULL"""
    return await database.find_as(Shown, sql, arrival)


# The session's row is locked first, as whoever changes the number of heads does: after the wait the difference is
# taken from what stands there now.
COUNT_HEADS = """
    WITH before AS (
        SELECT id, session, COALESCE(attended, 0) AS attended FROM headcount WHERE roster = $1 AND session = $2
    ), changed AS (
        UPDATE headcount SET attended = $3 FROM before WHERE headcount.id = before.id
    )
    UPDATE session SET attended = session.attended + $3 - before.attended FROM before WHERE session.id = before.session
 RETURNING session.attended
"""


async def count_heads(roster: int, session: int, number: int) -> int | None:
    """Inside a transaction. How many have come to the session now; None for a unit without heads in it."""
    await database.fetch("SELECT FROM session WHERE id = $1 FOR NO KEY UPDATE", session)
    attended: int | None = await database.value(COUNT_HEADS, roster, session, number)
    return attended
