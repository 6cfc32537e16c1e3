"""Sheets for signatures: which people stand on them, and in what order."""

from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.registration.tables import Evidence, SeatState

# One statement, so that it is the list of one moment. In the order of the list at the door.
ADD_SHEET = """
    INSERT INTO sheet (code, session, seats, blanks, created_at, created_by)
         SELECT $1, $2, COALESCE(jsonb_agg(seat.id ORDER BY r.unit, seat.id), '[]'), $3, now(), $4
           FROM seat
           JOIN registration r ON r.id = seat.registration
          WHERE seat.session = $2 AND seat.state = 'confirmed'
      RETURNING jsonb_array_length(seats)
"""


async def add_sheet(code: str, session: int, blanks: int, account: int) -> int:
    """Of those who have a place at this moment; how many these are."""
    return int(await database.value(ADD_SHEET, code, session, blanks, account))


async def count_places(session: int) -> int:
    sql = "SELECT count(*) FROM seat WHERE session = $1 AND state = 'confirmed'"
    return int(await database.value(sql, session))


async def welcomes_walk_ins(session: int) -> bool:
    sql = "SELECT a.walk_ins FROM session s JOIN activity a ON a.id = s.activity WHERE s.id = $1"
    return bool(await database.value(sql, session))


class Sheet(msgspec.Struct, frozen=True):
    """`people` lines with names, then `blanks` without. `signed`: how many of its people came on paper."""

    id: int
    code: str
    people: int
    blanks: int
    created_at: datetime
    author: str | None
    organization: int
    organization_name: str
    newcomers: int
    signed: int


# `newcomers` have a place and do not stand on it.
_SHEETS = """
    SELECT sheet.id, sheet.code, jsonb_array_length(sheet.seats) AS people, sheet.blanks, sheet.created_at,
           account.name AS author, o.id AS organization, o.name AS organization_name,
           places.n - own.confirmed AS newcomers, own.signed
      FROM sheet
      JOIN session s ON s.id = sheet.session
      JOIN activity a ON a.id = s.activity
      JOIN organization o ON o.id = a.organization
      LEFT JOIN account ON account.id = sheet.created_by
     CROSS JOIN (SELECT count(*)::int AS n FROM seat WHERE session = $1 AND state = 'confirmed') AS places
     CROSS JOIN LATERAL (
           SELECT count(*) FILTER (WHERE seat.state = 'confirmed')::int AS confirmed,
                  count(*) FILTER (WHERE seat.evidence = 'paper')::int AS signed
             FROM jsonb_array_elements_text(sheet.seats) AS line (seat)
             JOIN seat ON seat.id = line.seat::bigint) AS own
     WHERE sheet.session = $1
"""


async def list_sheets(session: int) -> list[Sheet]:
    """The newest first."""
    return await database.fetch_as(Sheet, f"{_SHEETS} ORDER BY sheet.id DESC LIMIT 50", session)


async def find_sheet(session: int, code: str) -> Sheet | None:
    return await database.find_as(Sheet, f"{_SHEETS} AND sheet.code = $2", session, code)


class SheetLine(msgspec.Struct, frozen=True):
    """A line with a name, as it stands now. `undone`: how often something about its seat was taken back."""

    number: int
    seat: int
    ticket: str
    name: str
    phone: str
    unit: str
    state: SeatState
    attended_at: datetime | None
    evidence: Evidence | None
    undone: int


LIST_SHEET_LINES = """
    SELECT o.number::int AS number, seat.id AS seat, r.ticket, p.name,
           CASE WHEN r.erased_at IS NULL THEN p.phone ELSE '' END AS phone, r.unit, seat.state, seat.attended_at,
           seat.evidence,
           (SELECT count(*)::int FROM scan WHERE scan.seat = seat.id AND scan.direction = 'undo') AS undone
      FROM sheet
     CROSS JOIN LATERAL jsonb_array_elements_text(sheet.seats) WITH ORDINALITY AS o (seat, number)
      JOIN seat ON seat.id = o.seat::bigint
      JOIN registration r ON r.id = seat.registration
      JOIN person p ON p.id = r.person
     WHERE sheet.id = $1 AND o.number BETWEEN $2 AND $3
  ORDER BY o.number
"""


async def list_sheet_lines(sheet: int, numbers: range) -> list[SheetLine]:
    """Those of these numbers that have a name."""
    return await database.fetch_as(SheetLine, LIST_SHEET_LINES, sheet, numbers.start, numbers.stop - 1)
