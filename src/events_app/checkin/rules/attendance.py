"""What a seat's scans say together: whether its holder came, when, for how long, and what does not fit.

Devices without network bring their scans late and in any order, so nothing here depends on the order in which scans
arrived: they are read in the order of their times (two of one moment in that of their nonces). `now`-scans change the
seat at once in queries.admitting.ADMIT, which comes to the same; a test holds the two against each other.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from events_app.checkin.tables import Direction, Verdict
from events_app.registration.tables import Evidence

UNDO_WITHIN = timedelta(minutes=15)
OUT_AFTERWARDS = timedelta(hours=1)
_ONE_SECOND = timedelta(seconds=1)
# What a scan that let somebody through was answered, if its ticket was good; whether it was one too many is seen anew.
_GOOD = (Verdict.ADMITTED, Verdict.ALREADY_IN, Verdict.NOT_IN)


class Mark(msgspec.Struct, frozen=True):
    """What counts of a scan. `let_in`: somebody went through by it, whatever was answered later."""

    nonce: str
    direction: Direction
    at: datetime
    evidence: Evidence
    verdict: Verdict
    let_in: bool
    gate: int | None
    account: int | None
    undoes: str | None


class Attendance(msgspec.Struct, frozen=True):
    """`seconds` over the stays that are finished. `doubles`: nonces of scans that let somebody in who was in already,
    each with that of the scan by which they were; `strays`: of scans that let somebody out who was not in.
    """

    attended_at: datetime | None = None
    evidence: Evidence | None = None
    inside: bool = False
    moved_at: datetime | None = None
    seconds: int = 0
    doubles: Sequence[tuple[str, str]] = ()
    strays: Sequence[str] = ()


def attendance(marks: Sequence[Mark]) -> Attendance:
    """The same whatever order the marks come in. Whoever was added later has come, and is neither in nor out."""
    counted = _counted(marks)
    now = Attendance()
    entry = ""
    for mark in counted:
        if mark.direction == Direction.OUT:
            now = _gone(now, mark)
        elif mark.evidence == Evidence.LATER:
            now = Attendance(mark.at, Evidence.LATER, moved_at=mark.at)
        elif now.inside:
            now = msgspec.structs.replace(now, doubles=[*now.doubles, (mark.nonce, entry)])
        else:
            now, entry = _come(now, mark), mark.nonce
    return now


def stays(marks: Sequence[Mark]) -> list[tuple[datetime, datetime | None]]:
    """From when to when its holder was in; the last stay has no end while it is not finished. By time."""
    found: list[tuple[datetime, datetime | None]] = []
    came: datetime | None = None
    for mark in _counted(marks):
        if mark.direction == Direction.OUT and came is not None:
            found.append((came, mark.at))
            came = None
        elif mark.direction == Direction.IN and mark.evidence != Evidence.LATER:
            came = came or mark.at
    return [*found, (came, None)] if came is not None else found


def may_undo(undo: Mark, target: Mark) -> bool:
    """Whether a gate may take this scan back itself: its own, within a quarter of an hour.

    It names the scan, so it was made after it, though a clock that is a little slow may say before.
    """
    same_door = (undo.gate, undo.account) == (target.gate, target.account)
    return same_door and undo.at - target.at <= UNDO_WITHIN


def undone(marks: Sequence[Mark]) -> set[str]:
    """Nonces of what was taken back. An undo that arrived before its scan (not_in) is judged when that is there."""
    by_nonce = {mark.nonce: mark for mark in marks}
    return {
        target.nonce
        for mark in marks
        if mark.direction == Direction.UNDO and (target := by_nonce.get(mark.undoes or ""))
        if mark.verdict == Verdict.ADMITTED or (mark.verdict == Verdict.NOT_IN and may_undo(mark, target))
    }


def _counted(marks: Sequence[Mark]) -> list[Mark]:
    """Comings and goings in their order. What was seen at the door outweighs what somebody added later."""
    gone = undone(marks)
    seen = [
        mark
        for mark in marks
        if mark.direction != Direction.UNDO
        and mark.let_in
        and mark.verdict in _GOOD
        and mark.nonce not in gone
    ]
    at_the_door = [mark for mark in seen if mark.evidence != Evidence.LATER]
    return in_order(at_the_door if _anybody_came(at_the_door) else seen)


def in_order(marks: Iterable[Mark]) -> list[Mark]:
    return sorted(marks, key=lambda mark: (mark.at, mark.nonce))


def _anybody_came(marks: Iterable[Mark]) -> bool:
    return any(mark.direction == Direction.IN for mark in marks)


def _come(now: Attendance, mark: Mark) -> Attendance:
    return msgspec.structs.replace(
        now,
        attended_at=now.attended_at or mark.at,
        evidence=now.evidence or mark.evidence,
        inside=True,
        moved_at=mark.at,
    )


def _gone(now: Attendance, mark: Mark) -> Attendance:
    if not now.inside or now.moved_at is None:
        return msgspec.structs.replace(now, strays=[*now.strays, mark.nonce])
    stayed = (mark.at - now.moved_at) // _ONE_SECOND
    return msgspec.structs.replace(now, inside=False, moved_at=mark.at, seconds=now.seconds + stayed)
