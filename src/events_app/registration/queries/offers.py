"""Places on offer: found, accepted, and found again when their time is over."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from events_app.lib import database


class OfferedSeat(msgspec.Struct, frozen=True):
    id: int
    session: int
    registration: int
    offer_ends_at: datetime


# Of a course the offers of all its sessions; whose party it is answers for everybody in it.
LIST_OFFERS = """
    SELECT id, session, registration, offer_ends_at FROM seat
     WHERE session = ANY($2) AND state = 'offered' AND (registration = $1 OR party = $1)
  ORDER BY id
       FOR UPDATE
"""


async def list_offers(registration: int, sessions: Sequence[int]) -> list[OfferedSeat]:
    """Under the sessions' lock: what its yes would accept."""
    return await database.fetch_as(OfferedSeat, LIST_OFFERS, registration, list(sessions))


ACCEPT = """
    UPDATE seat SET state = 'confirmed', offer_ends_at = NULL
     WHERE id = ANY($1) AND state = 'offered' AND offer_ends_at > $2
 RETURNING id
"""


async def accept(seats: Sequence[int], now: datetime) -> list[int]:
    """They were counted as taken when they were offered, so no counter moves."""
    return [row["id"] for row in await database.fetch(ACCEPT, list(seats), now)]


# By seat_offer_ends_at.
LIST_LAPSED_SESSIONS = """
    SELECT s.code FROM session s
     WHERE s.id IN (SELECT session FROM seat WHERE state = 'offered' AND offer_ends_at <= $1)
  ORDER BY s.id
     LIMIT 200
"""


async def list_lapsed_sessions(now: datetime) -> list[str]:
    """Codes of sessions in which a place waits for somebody who has not answered in time."""
    return [row["code"] for row in await database.fetch(LIST_LAPSED_SESSIONS, now)]


LIST_LAPSED = """
    SELECT id, session, registration, offer_ends_at FROM seat
     WHERE session = ANY($1) AND state = 'offered' AND offer_ends_at <= $2
  ORDER BY id
"""


async def list_lapsed(sessions: Sequence[int], now: datetime) -> list[OfferedSeat]:
    """Under the sessions' lock."""
    return await database.fetch_as(OfferedSeat, LIST_LAPSED, list(sessions), now)
