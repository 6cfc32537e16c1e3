"""What taking back needs to know beforehand."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from events_app.lib import database
from events_app.registration.tables import Evidence

LOCK_SEAT = "SELECT FROM seat WHERE id = $1 FOR UPDATE"


async def lock_seat(seat: int) -> None:
    """Inside a transaction: nobody else changes what is known of it."""
    await database.fetch(LOCK_SEAT, seat)


class Coming(msgspec.Struct, frozen=True):
    """How somebody came: at which `place`, and let in by whom: an account, or "" for a gate or their own phone."""

    at: datetime
    evidence: Evidence
    place: str
    account: str


LIST_COMINGS = """
    SELECT scan.at, scan.evidence, COALESCE(NULLIF(scan.place, ''), g.label, '') AS place,
           COALESCE(account.name, '') AS account
      FROM scan
      LEFT JOIN gate g ON g.id = scan.gate
      LEFT JOIN account ON account.id = scan.account
     WHERE scan.seat = $1 AND scan.nonce = ANY($2)
  ORDER BY scan.at, scan.nonce
"""


async def list_comings(seat: int, nonces: Sequence[str]) -> list[Coming]:
    return await database.fetch_as(Coming, LIST_COMINGS, seat, nonces)
