"""What was scanned, to look at."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from events_app.checkin.tables import Direction, Verdict
from events_app.lib import database


class RecentScan(msgspec.Struct, frozen=True):
    holder: str | None
    unit: str | None
    verdict: Verdict
    at: datetime


LIST_RECENT_SCANS = """
    SELECT p.name AS holder, r.unit, scan.verdict, scan.at
      FROM scan
      LEFT JOIN seat ON seat.id = scan.seat
      LEFT JOIN registration r ON r.id = seat.registration
      LEFT JOIN person p ON p.id = r.person
     WHERE scan.session = $1
  ORDER BY scan.id DESC
     LIMIT 10
"""


async def list_recent_scans(session: int) -> list[RecentScan]:
    return await database.fetch_as(RecentScan, LIST_RECENT_SCANS, session)


class OwnScan(msgspec.Struct, frozen=True):
    """One of a participant's own scans."""

    seat: int
    at: datetime
    direction: Direction
    verdict: Verdict
    place: str


async def list_scans_of(seats: Sequence[int]) -> list[OwnScan]:
    sql = "SELECT seat, at, direction, verdict, place FROM scan WHERE seat = ANY($1) ORDER BY id"
    return await database.fetch_as(OwnScan, sql, seats)
