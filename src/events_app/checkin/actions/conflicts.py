"""An organiser looks at a strange scan and says what becomes of it."""

from uuid import NAMESPACE_URL, uuid5

import msgspec

from events_app.accounts.actions import audit
from events_app.accounts.rules import Me
from events_app.checkin.actions.recording import record
from events_app.checkin.actions.rosters import Hand, Holder, scan_by
from events_app.checkin.queries import conflicts as queries
from events_app.checkin.queries.admitting import Scan
from events_app.checkin.queries.conflicts import Settled
from events_app.checkin.queries.rosters import find_line
from events_app.checkin.rules.verdicts import verdict_sentence
from events_app.checkin.tables import Direction, Verdict
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.programmes.queries.sessions import SessionRow
from events_app.registration.tables import Evidence


@again_after_deadlock
async def settle(me: Me, session: SessionRow, scan: int, action: str = "scan.settled") -> None:
    """It was looked at, once, by whoever was first. Raises NotFound for a scan of another session."""
    async with transaction():
        if await _claim(me, session, scan) is not None:
            await _write_down(me, session, scan, action)


@again_after_deadlock
async def confirm(me: Me, session: SessionRow, hand: Hand, scan: int) -> None:
    """Whom a phone brought along did come, at the time of that scan. Raises Refused, and then it still waits."""
    async with transaction():
        claimed = await _claim(me, session, scan)
        if claimed is None:
            return
        outcome = await record(_coming(hand, claimed, await _flagged(session, claimed)))
        if outcome.verdict not in (Verdict.ADMITTED, Verdict.ALREADY_IN):
            raise Refused(verdict_sentence(outcome.verdict), outcome.verdict)
        await _write_down(me, session, scan, "scan.confirmed")


async def _claim(me: Me, session: SessionRow, scan: int) -> Settled | None:
    claimed = await queries.settle(session.id, scan, me.account)
    if claimed is None and not await queries.is_logged(session.id, scan):
        raise NotFound
    return claimed


async def _flagged(session: SessionRow, claimed: Settled) -> Holder:
    line = await find_line(session.id, claimed.seat) if claimed.seat else None
    if claimed.verdict != Verdict.FLAGGED or line is None:
        raise Refused(_("这次扫码没有要确认的人。请回到列表重新看一看。"), "not_flagged")
    return line


def _coming(hand: Hand, claimed: Settled, holder: Holder) -> Scan:
    scan = scan_by(hand, holder, uuid5(NAMESPACE_URL, f"confirmed {claimed.nonce}").hex, Direction.IN)
    return msgspec.structs.replace(scan, evidence=Evidence.SELF, at=claimed.at, device=claimed.device)


async def _write_down(me: Me, session: SessionRow, scan: int, action: str) -> None:
    await audit(me, action, f"{session.code}/{scan}", organization=session.organization)
