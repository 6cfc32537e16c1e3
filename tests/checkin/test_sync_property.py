"""Whatever devices bring, in whatever order and however often: what is known of a seat follows from what happened.

The same fifty steps of tests.doors run against the rules alone, a thousand times, and against PostgreSQL with
everything around them.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from tests import postgres
from tests.doors import BEGIN, CLOCKS, GUESTS, SECOND, STEPS, WAITING, Clock, Known, Step, System, World
from tests.gates import make_gate
from tests.people import make_activity, make_session, make_union, register

from events_app.checkin.actions import admitting, recording
from events_app.checkin.queries.admitting import Outcome, Scan
from events_app.checkin.queries.recording import Answered, Door, HeldSeat
from events_app.checkin.rules.attendance import Attendance, Mark, attendance
from events_app.checkin.tables import Direction, Verdict
from events_app.lib import database
from events_app.registration.tables import Evidence, SeatState


class OnRules:
    """The log in memory, gone through by the application's own book and rules."""

    def __init__(self) -> None:
        self.marks: dict[int, list[Mark]] = {}
        self.answered: dict[str, Answered] = {}
        self.now: dict[int, Attendance] = dict.fromkeys(range(1, GUESTS + 1), Attendance())

    def scan(self, door: int, guest: int, **given: Any) -> Scan:
        return Scan(session="s", ticket=str(guest + 1), account=door, address="", request_id="", **given)

    def bring(self, scans: list[Scan]) -> list[Outcome | Exception]:
        held = {line: self.held(scan) for line, scan in enumerate(scans)}
        known = [self.answered[scan.nonce] for scan in scans if scan.nonce in self.answered]
        marks = {seat: list(marks) for seat, marks in self.marks.items()}
        book = recording._Book(held, known, dict.fromkeys(held, DOOR), marks)
        for line, scan in enumerate(scans):
            book.take(line, scan)
        told = [book.told(scan) for scan in scans]
        for outcome, scan in zip(told, scans, strict=True):
            assert isinstance(outcome, Outcome)
            self.remember(scan, outcome)
        self.marks |= book._marks
        for seat in book._changed:
            self.learn(seat)
        return told

    def remember(self, scan: Scan, outcome: Outcome) -> None:
        self.answered.setdefault(scan.nonce, _answered(scan, outcome))

    def learn(self, seat: int) -> None:
        self.now[seat] = attendance(self.marks[seat])

    def held(self, scan: Scan) -> HeldSeat:
        state = SeatState.WAITLISTED if int(scan.ticket) == WAITING + 1 else SeatState.CONFIRMED
        return HeldSeat(0, True, int(scan.ticket), state, "", "", None)

    def ask(self, scan: Scan) -> Outcome:
        """As ADMIT does it: by what the seat says, without looking at the log."""
        seat, coming = int(scan.ticket), scan.direction == Direction.IN
        now = self.now[seat]
        verdict = Verdict.ADMITTED
        if seat == WAITING + 1:
            verdict = Verdict.WAITLISTED
        elif now.inside == coming:
            verdict = Verdict.ALREADY_IN if coming else Verdict.NOT_IN
        else:
            self.now[seat] = _moved(now, scan)
        mark = msgspec.structs.replace(
            recording._mark(scan), verdict=verdict, let_in=verdict == Verdict.ADMITTED
        )
        self.marks.setdefault(seat, []).append(mark)
        outcome = Outcome("s", scan.nonce, verdict, None, None, scan.at, now.attended_at, 0, 0, False, False)
        self.remember(scan, outcome)
        return outcome

    def known(self) -> list[Known]:
        return [_known(now) for now in self.now.values()]

    def close(self) -> None: ...

    def counted(self) -> tuple[int, int]:
        return sum(now.attended_at is not None for now in self.now.values()), len(self.answered)


DOOR = Door(0, 1, 1, None, None, BEGIN - timedelta(days=1), BEGIN + timedelta(days=9), 0, 0, False)


def _answered(scan: Scan, outcome: Outcome) -> Answered:
    facts: dict[str, Any] = {name: getattr(outcome, name) for name in Outcome.__struct_fields__}
    facts["replayed"] = True
    return Answered(
        **facts, scan=0, seat=int(scan.ticket), ticket=scan.ticket, direction=scan.direction, let_in=False
    )


def _moved(now: Attendance, scan: Scan) -> Attendance:
    if scan.direction == Direction.OUT:
        assert now.moved_at
        stayed = (scan.at - now.moved_at) // SECOND
        return msgspec.structs.replace(now, inside=False, moved_at=scan.at, seconds=now.seconds + stayed)
    later = now.evidence == Evidence.LATER
    first = None if later else now.attended_at
    evidence = None if later else now.evidence
    return Attendance(first or scan.at, evidence or scan.evidence, True, scan.at, now.seconds)


def _known(now: Attendance) -> Known:
    return now.attended_at, now.evidence, now.inside, now.moved_at, now.seconds


class OnPostgres:
    """The actions that the pages call; the transaction around them is rolled back."""

    def __init__(self, runner: asyncio.Runner, place: "Place") -> None:
        self.runner, self.place = runner, place
        self.transaction = database.transaction()
        runner.run(self.transaction.__aenter__())

    def scan(self, door: int, guest: int, **given: Any) -> Scan:
        ticket, signature = self.place.tickets[guest]
        who = {"account": self.place.account} if door == 0 else {"gate": self.place.gate}
        given |= {"session": self.place.session, "ticket": ticket, "signature": signature}
        return Scan(**who, address="", request_id="", **given)

    def bring(self, scans: list[Scan]) -> list[Outcome | Exception]:
        return self.runner.run(recording.record_all(scans))

    def ask(self, scan: Scan) -> Outcome:
        found = self.runner.run(admitting._admit_with_patience([scan]))
        return found[scan.session, scan.nonce]

    def known(self) -> list[Known]:
        sql = (
            "SELECT attended_at, evidence, inside, moved_at, seconds FROM seat WHERE session = $1 ORDER BY id"
        )
        rows = self.runner.run(database.fetch(sql, self.place.number))
        return [tuple(row.values()) for row in rows]

    def counted(self) -> tuple[int, int]:
        sql = "SELECT attended, (SELECT count(*) FROM scan) FROM session WHERE id = $1"
        (row,) = self.runner.run(database.fetch(sql, self.place.number))
        return row[0], row[1]

    def close(self) -> None:
        self.runner.run(self.transaction.__aexit__(RuntimeError, RuntimeError(), None))


class Place(msgspec.Struct, frozen=True):
    """A session that is open for days, four guests, and who stands at its doors."""

    session: str
    number: int
    tickets: list[tuple[str, bytes]]
    account: int | None
    gate: int


async def make_place() -> Place:
    union = await make_union()
    hours = {"check_in_opens_at": BEGIN - timedelta(days=1), "check_in_closes_at": BEGIN + timedelta(days=9)}
    session = await make_session(await make_activity(union.organization), capacity=WAITING, **hours)
    gate = await make_gate(
        session, device="a-phone", opens_at=hours["check_in_opens_at"], closes_at=hours["check_in_closes_at"]
    )
    seats = [await register(session, f"赵{guest}") for guest in range(GUESTS)]
    tickets = [(seat.ticket, seat.signature) for seat in seats]
    return Place(session.code, session.id, tickets, union.li.account, gate.id)


def live(system: System, steps: Sequence[Step], clocks: Sequence[Clock]) -> None:
    world = World(system, clocks)
    for step in steps:
        world.take(step)
    world.end()


def run(make: Callable[[], System], examples: int, *further: Phase) -> None:
    """The same examples every time; they are not kept."""
    chosen = settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate, *further],
        report_multiple_bugs=False,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.large_base_example,
        ],
    )

    @chosen
    @given(STEPS, CLOCKS)
    def tried(steps: Sequence[Step], clocks: Sequence[Clock]) -> None:
        system = make()
        try:
            live(system, steps, clocks)
        finally:
            system.close()

    tried()


def test_rules_keep_to_the_model() -> None:
    run(OnRules, 3000, Phase.shrink)


@pytest.fixture
def runner(database_server: str, database_url: str) -> Iterator[asyncio.Runner]:
    """A loop that outlives one step, with a database of its own."""
    usual, database.engine.pool = database.engine.pool, None
    with postgres.clone(database_server) as dsn, asyncio.Runner() as ready:
        database.configure(dsn)
        ready.run(database.open_pool(2))
        try:
            yield ready
        finally:
            ready.run(database.close_pool())
            database.configure(database_url)
            database.engine.pool = usual


def test_actions_keep_to_the_model(runner: asyncio.Runner) -> None:
    place = runner.run(make_place())

    run(lambda: OnPostgres(runner, place), 100, Phase.shrink)


class ByArrival(OnRules):
    """The control: whoever is in stays in as it was first told."""

    def learn(self, seat: int) -> None:
        if self.now[seat].attended_at is None:
            super().learn(seat)


class WithoutMemory(OnRules):
    """The control: a nonce is judged anew each time it comes."""

    def remember(self, scan: Scan, outcome: Outcome) -> None: ...


@pytest.mark.parametrize("wrong", [ByArrival, WithoutMemory])
def test_model_notices_what_goes_wrong(wrong: type[OnRules]) -> None:
    with pytest.raises(AssertionError):
        run(wrong, 200)
