"""Taking back that somebody came. The log keeps both; who is let in again simply is."""

from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5

import msgspec

from events_app.checkin.actions.recording import record_all
from events_app.checkin.actions.rosters import Hand, Holder, scan_by
from events_app.checkin.queries.admitting import Scan
from events_app.checkin.queries.recording import list_marks
from events_app.checkin.queries.undoing import Coming, list_comings, lock_seat
from events_app.checkin.rules.attendance import Mark, may_undo
from events_app.checkin.rules.rosters import comings
from events_app.checkin.rules.verdicts import verdict_sentence
from events_app.checkin.tables import Direction, Verdict
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Refused


@again_after_deadlock
async def undo_attendance(hand: Hand, holder: Holder, nonce: str, reason: str) -> None:
    """As if they had not come: all of their comings are taken back, or none. Raises Refused.

    What was taken back before is not taken back again, whoever else is doing it at this moment.
    """
    async with transaction():
        await lock_seat(holder.seat)
        marks = (await list_marks([holder.seat])).get(holder.seat, [])
        if _is_repeated(nonce, marks):
            return
        scans = [_undo(hand, holder, mark, nonce, reason) for mark in comings(marks)]
        if not hand.organiser and not _all_may_be_undone(scans, marks):
            raise Refused(verdict_sentence(Verdict.TOO_LATE), Verdict.TOO_LATE)
        for outcome in await record_all(scans) if scans else []:
            if isinstance(outcome, Exception):
                raise outcome


async def counted_comings(seat: int) -> list[Coming]:
    """What would be taken back."""
    marks = (await list_marks([seat])).get(seat, [])
    return await list_comings(seat, [mark.nonce for mark in comings(marks)])


def _is_repeated(nonce: str, marks: Sequence[Mark]) -> bool:
    """Whoever was let in since then stays in."""
    known = {mark.nonce for mark in marks}
    return any(_name(nonce, mark) in known for mark in marks)


def _all_may_be_undone(scans: Sequence[Scan], marks: Sequence[Mark]) -> bool:
    by_nonce = {mark.nonce: mark for mark in marks}
    return all(may_undo(_mark(scan), by_nonce[scan.undoes or ""]) for scan in scans)


def _mark(scan: Scan) -> Mark:
    return Mark(
        scan.nonce,
        scan.direction,
        scan.at,
        scan.evidence,
        Verdict.ADMITTED,
        False,
        scan.gate,
        scan.account,
        scan.undoes,
    )


def _undo(hand: Hand, holder: Holder, mark: Mark, nonce: str, reason: str) -> Scan:
    return msgspec.structs.replace(
        scan_by(hand, holder, _name(nonce, mark), Direction.UNDO),
        undoes=mark.nonce,
        reason=reason,
        organiser=hand.organiser,
    )


def _name(nonce: str, mark: Mark) -> str:
    return uuid5(NAMESPACE_URL, f"{nonce} {mark.nonce}").hex
