"""A session's people as whoever ticks them off sees them."""

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.registration.tables import Evidence, SeatState


class Line(msgspec.Struct, frozen=True):
    """One person. `party`: how many came together with them by one registration, themselves among them."""

    seat: int
    ticket: str
    name: str
    phone: str
    unit: str
    state: SeatState
    attended_at: datetime | None
    evidence: Evidence | None
    inside: bool
    party: int


_LINES = """
    SELECT seat.id AS seat, r.ticket, p.name, CASE WHEN r.erased_at IS NULL THEN p.phone ELSE '' END AS phone, r.unit,
           seat.state, seat.attended_at, seat.evidence, seat.inside,
           CASE WHEN seat.party IS NULL THEN 1
                ELSE (SELECT count(*)::int FROM seat other
                       WHERE other.session = seat.session AND other.party = seat.party
                         AND other.state = 'confirmed') END AS party
      FROM seat
      JOIN registration r ON r.id = seat.registration
      JOIN person p ON p.id = r.person
     WHERE seat.session = $1 AND seat.state <> 'released'
"""
_FOUND = """
       AND ($2 = '' OR strpos(p.name, $2) > 0 OR strpos(r.unit, $2) > 0 OR right(p.phone, 4) = $2
            OR seat.id = ANY($3::bigint[]))
"""
# Who has not come yet can only be somebody with a place.
_SHOWN = """
       AND CASE $4 WHEN 'absent' THEN seat.state = 'confirmed' AND seat.attended_at IS NULL
                   WHEN 'present' THEN seat.attended_at IS NOT NULL ELSE true END
"""


class Search(msgspec.Struct, frozen=True):
    """`words` in name and unit, or a phone's last four digits; and the `seats` found by the initials of their names.

    `show` is absent, present, or "" for everybody.
    """

    words: str
    seats: list[int]
    show: str


async def list_lines(session: int, search: Search, limit: int, offset: int) -> list[Line]:
    """By unit, in the order of registering."""
    sql = f"{_LINES} {_FOUND} {_SHOWN} ORDER BY r.unit, seat.id LIMIT $5 OFFSET $6"
    return await database.fetch_as(Line, sql, session, *_values(search), limit, offset)


async def find_line(session: int, seat: int) -> Line | None:
    return await database.find_as(Line, f"{_LINES} AND seat.id = $2", session, seat)


async def list_picked(session: int, seats: list[int]) -> list[Line]:
    """Those of these seats that are of this session and were not given back."""
    return await database.fetch_as(Line, f"{_LINES} AND seat.id = ANY($2)", session, seats)


class Counts(msgspec.Struct, frozen=True):
    """Of a session's list: those with a place, those of them who came, and whom the search finds."""

    confirmed: int
    attended: int
    matching: int


COUNT_LINES = f"""
    SELECT count(*) FILTER (WHERE seat.state = 'confirmed')::int AS confirmed,
           count(seat.attended_at)::int AS attended,
           count(*) FILTER (WHERE true {_FOUND} {_SHOWN})::int AS matching
      FROM seat
      JOIN registration r ON r.id = seat.registration
      JOIN person p ON p.id = r.person
     WHERE seat.session = $1 AND seat.state <> 'released'
"""


async def count_lines(session: int, search: Search) -> Counts:
    found = await database.find_as(Counts, COUNT_LINES, session, *_values(search))
    assert found
    return found


LIST_NAMES = """
    SELECT seat.id, p.name FROM seat
      JOIN registration r ON r.id = seat.registration
      JOIN person p ON p.id = r.person
     WHERE seat.session = $1 AND seat.state <> 'released'
"""


async def list_names(session: int) -> list[tuple[int, str]]:
    """All of a session's, each with its seat: initials are nothing that PostgreSQL knows of."""
    return [(row["id"], row["name"]) for row in await database.fetch(LIST_NAMES, session)]


async def is_organised_by(session: int, organizations: list[int]) -> bool:
    sql = (
        "SELECT a.organization = ANY($2) FROM session s JOIN activity a ON a.id = s.activity WHERE s.id = $1"
    )
    return bool(await database.value(sql, session, organizations))


def _values(search: Search) -> tuple[str, list[int], str]:
    return search.words, search.seats, search.show
