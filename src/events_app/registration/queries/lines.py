"""A session's line as its organisers see it: who waits, who is asked, and who was moved by whom."""

# Statements share column lists; values are always parameters.

from datetime import datetime

import msgspec

from events_app.lib import database


class InLine(msgspec.Struct, frozen=True):
    """Somebody who waits at this `position`, counted over people from 1. `moved` by an organiser, for this `reason`."""

    seat: int
    position: int
    name: str
    phone: str
    unit: str
    party: int | None
    joined_at: datetime
    moved: bool
    reason: str


# By seat_next_in_line.
LIST_LINE = """
    SELECT seat.id AS seat, (row_number() OVER (ORDER BY seat.waiting_number))::int AS position, p.name, p.phone,
           r.unit, seat.party, seat.joined_at, COALESCE(seat.cause = 'moved', false) AS moved, seat.reason
      FROM seat
      JOIN registration r ON r.id = seat.registration
      JOIN person p ON p.id = r.person
     WHERE seat.session = $1 AND seat.state = 'waitlisted'
"""


async def list_line(session: int, limit: int, offset: int) -> list[InLine]:
    """The page of the line that begins after `offset` people."""
    sql = f"{LIST_LINE} ORDER BY seat.waiting_number LIMIT $2 OFFSET $3"
    return await database.fetch_as(InLine, sql, session, limit, offset)


async def find_in_line(session: int, seat: int) -> InLine | None:
    return await database.find_as(
        InLine, f"SELECT * FROM ({LIST_LINE}) AS line WHERE seat = $2", session, seat
    )


class Asked(msgspec.Struct, frozen=True):
    """Somebody whom a place is offered."""

    name: str
    unit: str
    offer_ends_at: datetime


LIST_ASKED = """
    SELECT p.name, r.unit, seat.offer_ends_at
      FROM seat
      JOIN registration r ON r.id = seat.registration
      JOIN person p ON p.id = r.person
     WHERE seat.session = $1 AND seat.state = 'offered'
  ORDER BY seat.offer_ends_at, seat.id
     LIMIT 200
"""


async def list_asked(session: int) -> list[Asked]:
    return await database.fetch_as(Asked, LIST_ASKED, session)


COUNT_HEAD = """
    SELECT count(*)::int FROM seat
     WHERE session = $1 AND state = 'waitlisted'
       AND (id, party) IN (SELECT other.id, head.party
                             FROM (SELECT party FROM seat WHERE session = $1 AND state = 'waitlisted'
                                 ORDER BY waiting_number LIMIT 1) AS head
                             JOIN seat other ON other.session = $1 AND other.party = head.party)
"""


async def count_head(session: int) -> int:
    """How many people the party at the head of the line has; 0 where no party stands there."""
    return int(await database.value(COUNT_HEAD, session))


class LineMove(msgspec.Struct, frozen=True):
    """What an organiser did to the line: whom they moved, from where to where (0 is into a place), and past whom."""

    at: datetime
    account: str
    name: str
    before: int
    after: int
    reason: str
    passed: list[str]


LIST_MOVES = """
    SELECT e.at, COALESCE(account.name, '') AS account, e.detail ->> 'reason' AS reason,
           (e.detail ->> 'from')::int AS before, (e.detail ->> 'to')::int AS after,
           COALESCE((SELECT p.name FROM seat JOIN registration r ON r.id = seat.registration
                       JOIN person p ON p.id = r.person WHERE seat.id = (e.detail ->> 'seat')::bigint), '') AS name,
           COALESCE((SELECT array_agg(p.name ORDER BY passed.line)
                       FROM jsonb_array_elements_text(e.detail::jsonb -> 'passed') WITH ORDINALITY
                              AS passed (seat, line)
                       JOIN seat ON seat.id = passed.seat::bigint
                       JOIN registration r ON r.id = seat.registration
                       JOIN person p ON p.id = r.person), '{}') AS passed
      FROM audit_entry e
      LEFT JOIN account ON account.id = e.account
     WHERE e.subject = $1 AND e.organization = $2 AND e.action = 'session.line'
  ORDER BY e.id DESC
     LIMIT 50
"""


async def list_moves(session_code: str, organization: int) -> list[LineMove]:
    """The newest first; of people who were erased since there is no name."""
    return await database.fetch_as(LineMove, LIST_MOVES, session_code, organization)
