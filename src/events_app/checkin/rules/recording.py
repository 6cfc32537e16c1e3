"""The verdict on a scan of another moment, from what is known of its seat."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from events_app.checkin.rules.attendance import OUT_AFTERWARDS, Mark, attendance, may_undo
from events_app.checkin.tables import Direction, Verdict
from events_app.registration.tables import Evidence, SeatState

# Somebody saw them, or their signature, and says so afterwards: the doors may have been closed by then.
_AFTERWARDS = (Evidence.PAPER, Evidence.LATER)


class Hours(Protocol):
    """When a session's door is open."""

    @property
    def called_off_at(self) -> datetime | None: ...
    @property
    def postponed_at(self) -> datetime | None: ...
    @property
    def check_in_opens_at(self) -> datetime: ...
    @property
    def check_in_closes_at(self) -> datetime: ...
    @property
    def revoked(self) -> bool: ...


class Claimed(Protocol):
    """What the ticket of a scan holds."""

    @property
    def seat(self) -> int | None: ...
    @property
    def state(self) -> SeatState | None: ...


def standing(door: Hours, held: Claimed | None, mark: Mark) -> Verdict | None:
    """Why this ticket is not good at this door at that moment; None where it is."""
    if door.revoked:
        return Verdict.REVOKED
    if held is None:
        return Verdict.UNKNOWN
    if held.seat is None:
        return Verdict.WRONG_SESSION
    if mark.direction == Direction.UNDO:
        return None
    if door.called_off_at or held.state == SeatState.RELEASED:
        return Verdict.CANCELLED
    if held.state in (SeatState.WAITLISTED, SeatState.OFFERED):
        return Verdict.WAITLISTED
    if held.state in (SeatState.PENDING, SeatState.ENTERED):
        return Verdict.PENDING
    return None if _is_open(door, mark) else Verdict.NOT_OPEN


def judge(mark: Mark, before: Sequence[Mark]) -> Verdict:
    """What a good ticket's scan is worth beside all that was scanned of its seat. `mark.let_in` is what the guest was
    told, or would be told now.
    """
    if mark.evidence in _AFTERWARDS and attendance(before).attended_at:
        return Verdict.ALREADY_IN
    after = attendance([*before, msgspec.structs.replace(mark, verdict=Verdict.ADMITTED)])
    if mark.nonce in {double for double, _entry in after.doubles}:
        return Verdict.ALREADY_IN
    if mark.nonce in after.strays:
        return Verdict.NOT_IN
    return Verdict.ADMITTED


def judge_undo(undo: Mark, before: Sequence[Mark], *, organiser: bool, offline: bool) -> Verdict:
    """Whether a scan may be taken back. One that is not there yet may still come, from a device without network."""
    moves = (mark for mark in before if mark.direction != Direction.UNDO)  # who is let in again simply is
    target = next((mark for mark in moves if mark.nonce == undo.undoes), None)
    if target is None:
        return Verdict.NOT_IN if offline else Verdict.UNKNOWN
    return Verdict.ADMITTED if organiser or may_undo(undo, target) else Verdict.TOO_LATE


def _is_open(door: Hours, mark: Mark) -> bool:
    if mark.evidence in _AFTERWARDS:
        return True
    longer = OUT_AFTERWARDS if mark.direction == Direction.OUT else timedelta(0)
    return not door.postponed_at and door.check_in_opens_at <= mark.at <= door.check_in_closes_at + longer
