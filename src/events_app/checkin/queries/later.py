"""Comings that were added afterwards, for ever."""

from datetime import datetime

import msgspec

from events_app.lib import database


class Added(msgspec.Struct, frozen=True):
    """`at` is when they came, `received_at` when `author` said so, for `reason`.

    `undone_because`: why it was taken back. `counts`: it is by this that they are known to have come.
    """

    seat: int
    name: str
    unit: str
    at: datetime
    received_at: datetime
    author: str | None
    reason: str
    undone_because: str | None
    undone_by: str | None
    counts: bool


LIST_ADDED = """
    SELECT scan.seat, p.name, r.unit, scan.at, scan.received_at, account.name AS author, scan.reason,
           undo.reason AS undone_because, undo.author AS undone_by,
           undo.author IS NULL AND undo.reason IS NULL AND seat.evidence IS NOT DISTINCT FROM 'later' AS counts
      FROM scan
      JOIN seat ON seat.id = scan.seat
      JOIN registration r ON r.id = seat.registration
      JOIN person p ON p.id = r.person
      LEFT JOIN account ON account.id = scan.account
      LEFT JOIN LATERAL (
           SELECT u.reason, c.name AS author FROM scan u LEFT JOIN account c ON c.id = u.account
            WHERE u.seat = scan.seat AND u.undoes = scan.nonce AND u.direction = 'undo' AND u.verdict = 'admitted'
            LIMIT 1) AS undo ON true
     WHERE scan.session = $1 AND scan.evidence = 'later' AND scan.direction = 'in' AND scan.verdict = 'admitted'
  ORDER BY scan.id DESC
     LIMIT $2 OFFSET $3
"""


async def list_added(session: int, limit: int, offset: int) -> list[Added]:
    """The newest first, those that were taken back too."""
    return await database.fetch_as(Added, LIST_ADDED, session, limit, offset)
