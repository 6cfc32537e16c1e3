"""Writing down what happened at another moment: scans of devices without network, paper, lists, and taking back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from events_app.checkin.queries import recording as queries
from events_app.checkin.queries.admitting import Outcome, Scan
from events_app.checkin.queries.recording import Answered, Came, Door, HeldSeat, Written
from events_app.checkin.rules.attendance import Mark, attendance
from events_app.checkin.rules.recording import judge, judge_undo, standing
from events_app.checkin.tables import Direction, Verdict
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Invalid, NotFound
from events_app.lib.language import gettext as _

_SPOILED = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
_TRIES = 3


async def record(scan: Scan) -> Outcome:
    """One of `record_all`; raises what stands there."""
    (outcome,) = await record_all([scan])
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


async def record_all(scans: Sequence[Scan]) -> list[Outcome | Exception]:
    """The outcomes in order, all in one transaction; what comes of them does not depend on the order.

    A scan that spoils the transaction gets its error and the others theirs one by one. NotFound for a door that is
    not theirs, Invalid for a nonce that named another ticket or direction.
    """
    for _try in range(_TRIES):
        try:
            return await _record(scans)
        except asyncpg.UniqueViolationError:  # another process answered the same nonce at this moment
            continue
        except _SPOILED as error:
            if len(scans) == 1:
                return [error]
            break
    return [outcome for scan in scans for outcome in await _alone(scan)]


async def _alone(scan: Scan) -> list[Outcome | Exception]:
    try:
        return await _record([scan])
    except (*_SPOILED, asyncpg.UniqueViolationError) as error:
        return [error]


@again_after_deadlock
async def _record(scans: Sequence[Scan]) -> list[Outcome | Exception]:
    async with transaction():
        book = await _open_book(scans)
        for line, scan in enumerate(scans):
            book.take(line, scan)
        await book.close()
        return [book.told(scan) for scan in scans]


async def _open_book(scans: Sequence[Scan]) -> "_Book":
    """Seats are locked before anything about them is read, the session's row last of all."""
    held = await queries.lock_seats(scans)
    answered = await queries.list_answered(scans)
    seats = {one.seat for one in held.values() if one.seat} | {one.seat for one in answered if one.seat}
    return _Book(held, answered, await queries.list_doors(scans), await queries.list_marks(list(seats)))


class _Book:
    """What is known of the scans' seats while they are gone through, and what is to be written."""

    def __init__(
        self,
        held: dict[int, HeldSeat],
        answered: Sequence[Answered],
        doors: dict[int, Door],
        marks: dict[int, list[Mark]],
    ) -> None:
        self._held, self._doors, self._marks = held, doors, marks
        self._answered = {(one.session, one.nonce): one for one in answered}
        self._outcomes: dict[tuple[str, str], Outcome] = {}
        self._named = {(one.session, one.nonce): (one.ticket, one.direction) for one in answered}
        self._written: list[Written] = []
        self._let_in: list[int] = []
        self._changed: set[int] = set()
        self._told: set[tuple[str, str]] = set()

    def take(self, line: int, scan: Scan) -> None:
        name = (scan.session, scan.nonce)
        if name in self._answered:
            self._repeat(self._answered[name], scan)
        elif name not in self._outcomes and (door := self._doors.get(line)):
            self._named[name] = (scan.ticket[:26], scan.direction)
            self._judge(door, self._held.get(line), scan)

    async def close(self) -> None:
        if self._let_in:
            await queries.note_let_in(self._let_in)
        came = [_came(seat, self._marks.get(seat, [])) for seat in sorted(self._changed)]
        attended = await queries.write_attendances(came) if came else {}
        self._written = [
            msgspec.structs.replace(line, attended=attended.get(line.session, line.attended))
            for line in self._written
        ]
        await queries.write_scans(self._written)
        for line in self._written:
            name = (line.session_code, line.nonce)
            self._outcomes[name] = msgspec.structs.replace(self._outcomes[name], attended=line.attended)

    def told(self, scan: Scan) -> Outcome | Exception:
        name = (scan.session, scan.nonce)
        outcome = self._answered.get(name) or self._outcomes.get(name)
        if outcome is None:
            return NotFound(_("没有这个场次，或者您的账号不能在此签到。"), "unknown_session")
        if not self._is_that(scan):
            return Invalid({"nonce": _("这个编号已经用于另一次扫码。请换一个新的编号，再扫一次。")})
        again = name in self._told
        self._told.add(name)
        return msgspec.structs.replace(outcome, replayed=outcome.replayed or again)

    def _is_that(self, scan: Scan) -> bool:
        """Not another one under a nonce that was used already."""
        return self._named[scan.session, scan.nonce] == (scan.ticket[:26], scan.direction)

    def _repeat(self, before: Answered, scan: Scan) -> None:
        """Its answer stands. But who did not hear it may have let the guest through all the same."""
        if before.let_in or not _let_through(scan) or not self._is_that(scan):
            return
        self._let_in.append(before.scan)
        if before.seat:
            self._marks[before.seat] = [
                msgspec.structs.replace(mark, let_in=True) if mark.nonce == scan.nonce else mark
                for mark in self._marks.get(before.seat, [])
            ]
            self._changed.add(before.seat)

    def _judge(self, door: Door, held: HeldSeat | None, scan: Scan) -> None:
        seat = held.seat if held else None
        mark = _mark(scan)
        before = self._marks.setdefault(seat, []) if seat else []
        verdict = standing(door, held, mark) or _worth(scan, mark, before)
        first_at = attendance(before).attended_at
        came = verdict == Verdict.ADMITTED and scan.direction != Direction.UNDO
        let_in = _let_through(scan) if scan.offline else came
        if seat:
            before.append(msgspec.structs.replace(mark, verdict=verdict, let_in=let_in))
            self._changed.add(seat)
        self._write(door, held, scan, verdict, let_in, first_at)

    def _write(
        self,
        door: Door,
        held: HeldSeat | None,
        scan: Scan,
        verdict: Verdict,
        let_in: bool,
        first_at: datetime | None,
    ) -> None:
        answer: dict[str, Any] = {
            "verdict": verdict,
            "first_at": first_at,
            "attended": door.attended,
            "expected": door.expected,
        }
        known = held is not None and held.seat is not None
        self._outcomes[scan.session, scan.nonce] = Outcome(
            session=scan.session,
            nonce=scan.nonce,
            holder=held.holder if held and known else None,
            unit=held.unit if held and known else None,
            at=scan.at,
            replayed=False,
            reused=False,
            **answer,
        )
        sent = {name: getattr(scan, name) for name in _AS_SENT}
        whose: dict[str, Any] = {
            "session": door.session,
            "organization": door.organization,
            "seat": held and held.seat,
        }
        self._written.append(Written(session_code=scan.session, let_in=let_in, **whose, **answer, **sent))


_AS_SENT = (
    *(
        "nonce",
        "ticket",
        "direction",
        "evidence",
        "offline",
        "place",
        "gate",
        "device",
        "at",
        "device_at",
        "sent_at",
    ),
    *("account", "undoes", "reason", "distance", "address", "request_id"),
)


def _let_through(scan: Scan) -> bool:
    return scan.offline and scan.shown == Verdict.ADMITTED and scan.direction != Direction.UNDO


def _worth(scan: Scan, mark: Mark, before: Sequence[Mark]) -> Verdict:
    """Of a good ticket's scan. What a device without network refused stays refused."""
    if scan.direction == Direction.UNDO:
        return judge_undo(mark, before, organiser=scan.organiser, offline=scan.offline)
    if scan.offline and scan.shown != Verdict.ADMITTED:
        return scan.shown
    verdict = judge(mark, before)
    return Verdict.FLAGGED if scan.flagged and verdict == Verdict.ADMITTED else verdict


def _mark(scan: Scan) -> Mark:
    return Mark(
        nonce=scan.nonce,
        direction=scan.direction,
        at=scan.at,
        evidence=scan.evidence,
        verdict=Verdict.ADMITTED,
        let_in=True,
        gate=scan.gate,
        account=scan.account,
        undoes=scan.undoes,
    )


def _came(seat: int, marks: Sequence[Mark]) -> Came:
    now = attendance(marks)
    return Came(seat, now.attended_at, now.evidence, now.inside, now.moved_at, now.seconds)
