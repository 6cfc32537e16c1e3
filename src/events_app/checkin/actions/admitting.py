"""Letting people in."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import TypeAlias

import asyncpg

from events_app.checkin.actions.recording import record, record_all
from events_app.checkin.queries import admitting as queries
from events_app.checkin.queries.admitting import Outcome, Scan
from events_app.checkin.rules.rounds import split_round
from events_app.checkin.tables import Direction
from events_app.lib.errors import Invalid, NotFound
from events_app.lib.language import gettext as _
from events_app.registration.tables import Evidence

_LARGEST_ROUND = 64
# By session and nonce.
Outcomes: TypeAlias = dict[tuple[str, str], Outcome]
# Lost to another process that answers the same nonce, or locks the same rows the other way round: nothing was
# written, and the next try finds what the other one did.
_TRY_AGAIN = (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
# What the statement itself said: one of its scans is to blame, or too many gates at once.
_SPOILED = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, *_TRY_AGAIN)
_TRIES = 5
_PATIENCE = 4  # milliseconds


async def admit(scan: Scan) -> Outcome:
    """The verdict on one scan, for ever the same for its nonce.

    Raises NotFound for a gate that is not theirs, and Invalid for a nonce that named another ticket or direction.
    """
    return await (_lane.admit(scan) if _is_of_now(scan) else record(scan))


async def admit_all(scans: Sequence[Scan]) -> list[Outcome | Exception]:
    """The verdicts in order; a scan that failed has its error in its place and spoils no other."""
    brought = iter(await record_all(late)) if (late := [s for s in scans if not _is_of_now(s)]) else iter(())
    fresh = iter(await _admit_now([scan for scan in scans if _is_of_now(scan)]))
    return [next(fresh if _is_of_now(scan) else brought) for scan in scans]


def _is_of_now(scan: Scan) -> bool:
    """Somebody stands at the door and waits for the answer."""
    afterwards = scan.evidence in (Evidence.PAPER, Evidence.LATER) or scan.flagged
    return not (scan.offline or afterwards or scan.direction == Direction.UNDO)


async def _admit_now(scans: Sequence[Scan]) -> list[Outcome | Exception]:
    return await asyncio.gather(*(_lane.admit(scan) for scan in scans), return_exceptions=True)  # type: ignore[return-value]


class _Lane:
    """Scans that wait for the database at the same moment share one statement and one commit."""

    def __init__(self) -> None:
        self._waiting: list[_Waiter] = []
        self._runner: asyncio.Task[None] | None = None

    async def admit(self, scan: Scan) -> Outcome:
        waiter = _Waiter(scan)
        self._waiting.append(waiter)
        if self._runner is None:
            self._runner = asyncio.create_task(self._run())
        return _seen(await waiter.outcome)

    async def _run(self) -> None:
        company = 1
        now: list[_Waiter] = []
        try:
            while self._waiting:
                await self._gather(company)
                now, self._waiting = split_round(self._waiting, _LARGEST_ROUND)
                company = len(now)
                await _settle(now)
        except BaseException as error:  # nobody at a door waits for a lane that has stopped
            stranded, self._waiting = [*now, *self._waiting], []
            for waiter in stranded:
                waiter.fail(error)
            raise
        finally:
            self._runner = None

    async def _gather(self, company: int) -> None:
        """A moment's patience: the gates that shared the last statement are about to scan again.

        A gate that is alone never waits.
        """
        await asyncio.sleep(0)  # whoever is just being read in may come along
        for _moment in range(_PATIENCE):
            if len(self._waiting) >= company:
                return
            await asyncio.sleep(0.001)


class _Waiter:
    """A scan and the future of its outcome."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.session, self.nonce, self.ticket = scan.session, scan.nonce, scan.ticket
        self.outcome: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()

    def answer(self, outcomes: Outcomes) -> None:
        if not self.outcome.done():  # else the phone has hung up; the scan counts all the same
            self.outcome.set_result(outcomes.get((self.session, self.nonce)))

    def fail(self, error: BaseException) -> None:
        if not self.outcome.done():
            self.outcome.set_exception(error)


def _seen(outcome: Outcome | None) -> Outcome:
    """What may be told, said in the language of who asks."""
    if outcome is None:
        raise NotFound(_("没有这个场次，或者您的账号不能在此签到。"), "unknown_session")
    if outcome.reused:
        raise Invalid({"nonce": _("这个编号已经用于另一次扫码。请换一个新的编号，再扫一次。")})
    return outcome


async def _settle(waiters: list[_Waiter]) -> None:
    """Answer them all. When one spoils the statement each gets its own; without a database none gets any."""
    try:
        outcomes = await _admit_with_patience([waiter.scan for waiter in waiters])
    except _SPOILED as error:
        if len(waiters) == 1:
            return waiters[0].fail(error)
        for waiter in waiters:
            await _settle([waiter])
    except Exception as error:  # one by one they would wait for the same nothing, each as long again
        for waiter in waiters:
            waiter.fail(error)
    else:
        for waiter in waiters:
            waiter.answer(outcomes)
    return None


async def _admit_with_patience(scans: list[Scan]) -> Outcomes:
    for _try in range(_TRIES - 1):
        with suppress(*_TRY_AGAIN):
            return await queries.admit(scans)
    return await queries.admit(scans)


_lane = _Lane()
