"""Draws: who entered, how it was drawn, and what becomes of the seats; these under the lock of the session."""

# Statements share column lists; values are always parameters.

from datetime import datetime

import msgspec

from events_app.lib import clock, database
from events_app.programmes.tables import Admission, Extent, Kind


class DrawRow(msgspec.Struct, frozen=True):
    """A session with its draw, whose part is empty while no seed is told. `entered` seats wait to be drawn."""

    id: int
    code: str
    title: str
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime
    postponed_at: datetime | None
    called_off_at: datetime | None
    capacity: int
    taken: int
    waiting: int
    waiting_list: bool
    activity_code: str
    activity_title: str
    organization: int
    kind: Kind
    admission: Admission
    extent: Extent
    entered: int
    seed: str
    created_at: datetime | None
    drawn_at: datetime | None
    published_at: datetime | None
    entries: str
    list_digest: str
    places: int | None


_DRAW = """
    SELECT s.id, s.code, s.title, s.starts_at, s.ends_at, s.closes_at, s.postponed_at, s.called_off_at, s.capacity,
           s.taken, s.waiting, s.waiting_list, a.code AS activity_code, a.title AS activity_title, a.organization,
           a.kind, a.admission, a.extent,
           (SELECT count(*)::int FROM seat WHERE seat.session = s.id AND seat.state = 'entered') AS entered,
           COALESCE(d.seed, '') AS seed, d.created_at, d.drawn_at, d.published_at, COALESCE(d.entries, '') AS entries,
           COALESCE(d.list_digest, '') AS list_digest, d.places
      FROM session s JOIN activity a ON a.id = s.activity LEFT JOIN draw d ON d.session = s.id
"""


async def find_own_draw(code: str, organizations: list[int]) -> DrawRow | None:
    return await database.find_as(
        DrawRow, f"{_DRAW} WHERE s.code = $1 AND a.organization = ANY($2)", code, organizations
    )


async def find_public_draw(code: str) -> DrawRow | None:
    """Only of a published activity, once the seed is told."""
    sql = f"{_DRAW} WHERE s.code = $1 AND a.published_at IS NOT NULL AND d.id IS NOT NULL"
    return await database.find_as(DrawRow, sql, code)


async def list_draws(sessions: list[str]) -> list[DrawRow]:
    """Those of these sessions' codes whose seed is told."""
    sql = f"{_DRAW} WHERE s.code = ANY($1) AND d.id IS NOT NULL"
    return await database.fetch_as(DrawRow, sql, sessions)


ADD_DRAW = """
    INSERT INTO draw (session, seed, created_at, created_by) VALUES ($1, $2, $3, $4)
    ON CONFLICT (session) DO NOTHING RETURNING id
"""


async def add_draw(session: int, seed: str, account: int) -> bool:
    """False when a seed was told before: it stays."""
    return await database.value(ADD_DRAW, session, seed, clock.now(), account) is not None


class EnteredSeat(msgspec.Struct, frozen=True):
    entry_number: int
    party: int | None
    ticket: str


LIST_ENTERED = """
    SELECT seat.entry_number, seat.party, r.ticket
      FROM seat JOIN registration r ON r.id = seat.registration
     WHERE seat.session = $1 AND seat.state = 'entered'
  ORDER BY seat.entry_number
"""


async def list_entered(session: int) -> list[EnteredSeat]:
    return await database.fetch_as(EnteredSeat, LIST_ENTERED, session)


KEEP_DRAW = """
    UPDATE draw SET drawn_at = $2, drawn_by = $3, entries = $4, list_digest = $5, places = $6
     WHERE session = $1 AND drawn_at IS NULL RETURNING id
"""


async def keep_draw(session: int, account: int, entries: str, digest: str, places: int) -> bool:
    """False when it was drawn before."""
    values = (session, clock.now(), account, entries, digest, places)
    return await database.value(KEEP_DRAW, *values) is not None


SEAT_DRAWN = """
    WITH drawn AS (
        UPDATE seat SET state = 'confirmed'
         WHERE session = $1 AND state = 'entered' AND entry_number = ANY($2)
     RETURNING registration
    ), counted AS (
        UPDATE session SET taken = taken + (SELECT count(*) FROM drawn) WHERE id = $1
    )
    SELECT registration FROM drawn
"""


async def seat_drawn(session: int, numbers: list[int]) -> list[int]:
    """The registrations that have places now."""
    return [row["registration"] for row in await database.fetch(SEAT_DRAWN, session, numbers)]


LINE_UP = """
    WITH line AS (
        UPDATE seat SET state = 'waitlisted', waiting_number = s.waiting_last + given.position
          FROM unnest($2::int[]) WITH ORDINALITY AS given (number, position), session s
         WHERE s.id = $1 AND seat.session = $1 AND seat.state = 'entered' AND seat.entry_number = given.number
     RETURNING seat.registration
    ), counted AS (
        UPDATE session
           SET waiting = waiting + (SELECT count(*) FROM line),
               waiting_last = waiting_last + (SELECT count(*) FROM line)
         WHERE id = $1
    )
    SELECT registration FROM line
"""


async def line_up(session: int, numbers: list[int]) -> list[int]:
    """Behind whoever waits already, in this order; the registrations that wait now."""
    return [row["registration"] for row in await database.fetch(LINE_UP, session, numbers)]


TURN_AWAY = """
    UPDATE seat SET state = 'released', released_at = now(), cause = 'declined'
     WHERE session = $1 AND state = 'entered' AND entry_number = ANY($2)
 RETURNING registration
"""


async def turn_away(session: int, numbers: list[int]) -> list[int]:
    """Where nobody may wait; the registrations that have nothing now."""
    return [row["registration"] for row in await database.fetch(TURN_AWAY, session, numbers)]


PUBLISH_DRAW = """
    UPDATE draw SET published_at = $2 WHERE session = $1 AND drawn_at IS NOT NULL AND published_at IS NULL
 RETURNING id
"""


async def publish_draw(session: int) -> bool:
    """False when it is not drawn, or published already."""
    return await database.value(PUBLISH_DRAW, session, clock.now()) is not None


LIST_NAMES = """
    SELECT DISTINCT ON (seat.entry_number) seat.entry_number, p.name
      FROM seat JOIN registration r ON r.id = seat.registration JOIN person p ON p.id = r.person
     WHERE seat.session = $1 AND seat.entry_number = ANY($2) AND r.erased_at IS NULL
  ORDER BY seat.entry_number, seat.id
"""


async def list_names(session: int, numbers: list[int]) -> dict[int, str]:
    """Whose entries these were; those that are erased are left out."""
    rows = await database.fetch(LIST_NAMES, session, numbers)
    return {row["entry_number"]: row["name"] for row in rows}


HAS_TICKET = """
    SELECT true FROM seat JOIN registration r ON r.id = seat.registration
     WHERE seat.session = $1 AND r.ticket = $2 AND r.signature = $3
"""


async def has_ticket(session: int, code: str, signature: bytes) -> bool:
    """Whether this ticket is one for this session."""
    return await database.value(HAS_TICKET, session, code, signature) is not None
