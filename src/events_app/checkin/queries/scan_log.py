"""Every attempt at a session's doors, for its organiser."""

from datetime import datetime, timedelta

import msgspec

from events_app.checkin.tables import Direction, Verdict
from events_app.lib import database
from events_app.registration.tables import Evidence

_WORTH_TELLING = timedelta(minutes=1)


class LoggedScan(msgspec.Struct, frozen=True):
    """`where`: the gate's label, or what the staff called their door. `by`: whose account it was made with.

    `let_in`: somebody went through by it. `undone_at`, `undone_by`: when and by whom it was taken back.
    """

    seat: int | None
    name: str | None
    unit: str | None
    ticket: str
    direction: Direction
    verdict: Verdict
    evidence: Evidence
    offline: bool
    let_in: bool
    where: str
    by: str | None
    own_phone: bool
    at: datetime
    device_at: datetime | None
    sent_at: datetime | None
    received_at: datetime
    reason: str
    distance: int | None
    undone_at: datetime | None
    undone_by: str | None

    @property
    def skew(self) -> timedelta:
        """By how much the device's clock was fast, or slow if negative; nothing where it is not worth telling."""
        if self.device_at is None:
            return timedelta(0)
        wrong = self.device_at - self.at
        return wrong if abs(wrong) > _WORTH_TELLING else timedelta(0)

    @property
    def late(self) -> bool:
        """It waited on a device until there was network."""
        return self.offline and self.received_at - self.at > _WORTH_TELLING


class LogSearch(msgspec.Struct, frozen=True):
    """`words` in name, unit, door and reason, a phone's last four digits, or a ticket number's beginning.

    `show` is a verdict, `offline`, `undo`, or "" for everything.
    """

    words: str
    show: str


_FOUND = """
     WHERE scan.session = $1
       AND ($2 = '' OR strpos(p.name, $2) > 0 OR strpos(r.unit, $2) > 0 OR right(p.phone, 4) = $2
            OR strpos(gate.label, $2) > 0 OR strpos(scan.place, $2) > 0 OR strpos(scan.reason, $2) > 0
            OR starts_with(scan.ticket, lower($2)))
       AND CASE $3 WHEN '' THEN true WHEN 'offline' THEN scan.offline WHEN 'undo' THEN scan.direction = 'undo'
                   ELSE scan.verdict = $3 AND scan.direction <> 'undo' END
"""
_WHOSE = """
      FROM scan
      LEFT JOIN gate ON gate.id = scan.gate
      LEFT JOIN seat ON seat.id = scan.seat
      LEFT JOIN registration r ON r.id = seat.registration
      LEFT JOIN person p ON p.id = r.person
"""
LIST_LOG = f"""
    SELECT scan.seat, p.name, r.unit, scan.ticket, scan.direction, scan.verdict, scan.evidence, scan.offline,
           scan.let_in, COALESCE(gate.label, scan.place) AS where, account.name AS by,
           scan.device <> '' AND scan.gate IS NULL AND scan.account IS NULL AS own_phone,
           scan.at, scan.device_at, scan.sent_at, scan.received_at, scan.reason, scan.distance,
           undo.at AS undone_at, undo.by AS undone_by
    {_WHOSE}
      LEFT JOIN account ON account.id = scan.account
      LEFT JOIN LATERAL (
           SELECT u.at, COALESCE(g.label, c.name) AS by
             FROM scan u LEFT JOIN gate g ON g.id = u.gate LEFT JOIN account c ON c.id = u.account
            WHERE u.seat = scan.seat AND u.undoes = scan.nonce AND u.direction = 'undo' AND u.verdict = 'admitted'
            LIMIT 1) AS undo ON true
    {_FOUND}
  ORDER BY scan.id DESC
     LIMIT $4 OFFSET $5
"""
COUNT_LOG = f"SELECT count(*)::int {_WHOSE} {_FOUND}"


async def list_log(session: int, search: LogSearch, limit: int, offset: int) -> list[LoggedScan]:
    """The last that arrived first."""
    return await database.fetch_as(LoggedScan, LIST_LOG, session, search.words, search.show, limit, offset)


async def count_log(session: int, search: LogSearch) -> int:
    return int(await database.value(COUNT_LOG, session, search.words, search.show))
