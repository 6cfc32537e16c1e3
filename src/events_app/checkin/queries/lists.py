"""A session's list as devices keep it that may be without network."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.registration.tables import SeatState


class Listed(msgspec.Struct, frozen=True):
    """One person's seat, whatever state it is in."""

    ticket: str
    name: str
    unit: str
    state: SeatState
    inside: bool
    at: datetime | None


LIST_SEATS = """
    SELECT r.ticket, p.name, r.unit, seat.state, seat.inside, seat.attended_at AS at
      FROM seat
      JOIN registration r ON r.id = seat.registration
      JOIN person p ON p.id = r.person
     WHERE seat.session = $1
  ORDER BY seat.id
"""


async def list_seats(session: int) -> list[Listed]:
    return await database.fetch_as(Listed, LIST_SEATS, session)


class Standing(msgspec.Struct, frozen=True):
    """How a session stands."""

    attended: int
    expected: int
    postponed: bool
    called_off: bool


FIND_STANDING = """
    SELECT attended, taken AS expected, postponed_at IS NOT NULL AS postponed, called_off_at IS NOT NULL AS called_off
      FROM session WHERE code = $1
"""


async def find_standing(code: str) -> Standing | None:
    return await database.find_as(Standing, FIND_STANDING, code)


LIST_NUMBERED = """
    SELECT n.number, min(r.ticket) AS ticket
      FROM unnest($2::text[]) AS n (number)
      JOIN registration r ON r.ticket ^@ n.number
      JOIN seat ON seat.registration = r.id
      JOIN session ON session.id = seat.session AND session.code = $1
  GROUP BY n.number
    HAVING count(*) = 1
"""


async def list_numbered(code: str, numbers: Sequence[str]) -> dict[str, str]:
    """Tickets of this session by their number, where there is just one that begins with it."""
    rows = await database.fetch(LIST_NUMBERED, code, numbers)
    return {row["number"]: row["ticket"] for row in rows}
