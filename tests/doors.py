"""Two doors that ask, judge without network, take back, and bring it with clocks that are wrong; and a model of it.

The model fits on one page: comings and goings by their times, without those that were taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec
from hypothesis import strategies as st

from events_app.checkin.queries.admitting import Outcome, Scan
from events_app.checkin.rules.clocks import happened_at
from events_app.checkin.tables import Direction, Verdict
from events_app.lib import clock
from events_app.registration.tables import Evidence

GUESTS = 4
WAITING = 3  # the guest who has no place, only a number on the waiting list
BEGIN = clock.now().replace(microsecond=0) - timedelta(days=5)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
SKEWS = [timedelta(0), 40 * SECOND, -40 * SECOND, timedelta(hours=2), -timedelta(days=3), timedelta(days=400)]
# When somebody came, how, whether they are inside, when they moved last, and for how many seconds they were in.
Known = tuple[datetime | None, Evidence | None, bool, datetime | None, int]
NOBODY: Known = (None, None, False, None, 0)


# By how much a clock is off, and how long what is sent takes to arrive.
Clock = tuple[timedelta, timedelta]


class Step(msgspec.Struct, frozen=True):
    """What is done. `picks` choose among what there is, `seconds` pass before it."""

    deed: str
    door: int
    guest: int
    seconds: int
    picks: tuple[int, ...]
    out: bool
    yes: bool


DEEDS = (
    *("wait", "scan", "scan", "scan", "scan", "ask", "ask", "ask"),
    *("bring", "bring", "bring", "undo", "undo", "ask_undo", "overrule", "add"),
)
PAUSES = (1, 1, 1, 7, 7, 45, 400, 1200)
STEP = 7  # bytes; drawn at once, fifty steps take a tenth of the time


def _steps(drawn: bytes) -> list[Step]:
    return [_step(*drawn[at : at + STEP]) for at in range(0, len(drawn), STEP)]


def _step(deed: int, where: int, seconds: int, *picks: int) -> Step:
    door, guest, out, yes = where & 1, where >> 1 & 3, bool(where & 8), bool(where & 16)
    return Step(DEEDS[deed % len(DEEDS)], door, guest, PAUSES[seconds % len(PAUSES)], picks, out, yes)


STEPS = st.binary(min_size=50 * STEP, max_size=50 * STEP).map(_steps)
CLOCKS = st.tuples(*[st.tuples(st.sampled_from(SKEWS), st.sampled_from([timedelta(0), 3 * SECOND]))] * 2)


@dataclass
class Happened:
    """What the model knows of a scan that has arrived; `through`: somebody went through by it."""

    nonce: str
    guest: int
    direction: Direction
    at: datetime
    door: int
    evidence: Evidence
    through: bool


class Model:
    """Comings and goings by their times, without those that were taken back."""

    def __init__(self) -> None:
        self.scans: dict[str, Happened] = {}
        self.gone: set[str] = set()
        self.early: dict[str, tuple[str, int, datetime]] = {}

    def take_back(self, nonce: str, door: int, at: datetime, *, always: bool = False) -> None:
        target = self.scans.get(nonce)
        if target and (always or (target.door == door and at - target.at <= 15 * MINUTE)):
            self.gone.add(nonce)

    def take_back_sometime(self, undo: str, nonce: str, door: int, at: datetime) -> None:
        """Without network: the scan may be still to come."""
        self.early.setdefault(undo, (nonce, door, at))

    def known(self, guest: int) -> Known:
        for early in self.early.values():
            self.take_back(*early)
        came = [s for s in self.scans.values() if s.guest == guest and s.through and s.nonce not in self.gone]
        if guest == WAITING or not any(s.direction == Direction.IN for s in came):
            return NOBODY
        seen = [scan for scan in came if scan.evidence != Evidence.LATER]
        if not any(scan.direction == Direction.IN for scan in seen):
            (later,) = [scan for scan in came if scan.evidence == Evidence.LATER]
            return later.at, Evidence.LATER, False, later.at, 0
        first, moved, inside, seconds = None, None, False, 0
        for scan in sorted(seen, key=lambda scan: (scan.at, scan.nonce)):
            if scan.direction == Direction.IN and not inside:
                first, moved, inside = first or scan, scan.at, True
            elif scan.direction == Direction.OUT and inside and moved:
                seconds, moved, inside = seconds + (scan.at - moved) // SECOND, scan.at, False
        assert first
        return first.at, first.evidence, inside, moved, seconds


class System(Protocol):
    """What is tested: it is brought scans of other moments, and asked about one of this."""

    def bring(self, scans: list[Scan]) -> list[Outcome | Exception]: ...
    def ask(self, scan: Scan) -> Outcome: ...
    def known(self) -> list[Known]: ...
    def counted(self) -> tuple[int, int]:
        """How many have come as the session says, and how many scans are written down."""
        ...

    def scan(self, door: int, guest: int, **given: Any) -> Scan: ...
    def close(self) -> None: ...


@dataclass
class Device:
    """At one door, with a clock and a way to us that takes its time."""

    door: int
    skew: timedelta
    delay: timedelta
    queue: list[dict[str, Any]] = field(default_factory=list)
    brought: list[dict[str, Any]] = field(default_factory=list)


class World:
    """Does each step to the system and tells the model what happened."""

    def __init__(self, system: System, clocks: Sequence[Clock]) -> None:
        self.system, self.model, self.now = system, Model(), BEGIN
        self.devices = [Device(door, *given) for door, given in enumerate(clocks)]
        self.made: list[tuple[str, int]] = []
        self.answers: dict[str, tuple[object, ...]] = {}

    def take(self, step: Step) -> None:
        self.now += step.seconds * SECOND
        getattr(self, step.deed)(self.devices[step.door], step)
        self.compare()

    def wait(self, device: Device, step: Step) -> None: ...

    def scan(self, device: Device, step: Step) -> None:
        shown = Verdict.ALREADY_IN if step.yes and step.picks[0] % 3 == 0 else Verdict.ADMITTED
        self.queue(device, self.name(step.guest), step.guest, _way(step), shown)

    def undo(self, device: Device, step: Step) -> None:
        if made := self.chosen(step):
            nonce, guest = made
            self.queue(device, self.name(None), guest, Direction.UNDO, Verdict.ADMITTED, undoes=nonce)

    def ask(self, device: Device, step: Step) -> None:
        """Asked with network. Whose answer is lost goes by what the device says, and that is brought later."""
        nonce, way = self.name(step.guest), _way(step)
        inside = self.model.known(step.guest)[2]
        outcome = self.system.ask(
            self.system.scan(device.door, step.guest, nonce=nonce, direction=way, at=self.now)
        )
        self.remember(outcome)
        wrong = Verdict.NOT_IN if step.out else Verdict.ALREADY_IN
        expected = wrong if inside == (way == Direction.IN) else Verdict.ADMITTED
        assert outcome.verdict == (Verdict.WAITLISTED if step.guest == WAITING else expected)
        self.heard(device.door, nonce, step.guest, way, self.now, through=outcome.verdict == Verdict.ADMITTED)
        if step.yes:
            self.queue(device, nonce, step.guest, way, Verdict.ADMITTED)

    def bring(self, device: Device, step: Step) -> None:
        """Some of what waits, and some that is long there, in any order; `yes`: the answer is lost."""
        there = [*device.queue, *device.brought[-5:]]
        self.deliver(
            device, [there[pick % len(there)] for pick in step.picks] if there else [], lost=step.yes
        )

    def ask_undo(self, device: Device, step: Step) -> None:
        if made := self.chosen(step):
            nonce, guest = made
            self.record(self.name(None), device.door, guest, direction=Direction.UNDO, undoes=nonce)
            self.model.take_back(nonce, device.door, self.now)

    def overrule(self, device: Device, step: Step) -> None:
        """An organiser takes back whatever has arrived."""
        if made := self.chosen(step):
            nonce, guest = made
            undo = {"direction": Direction.UNDO, "undoes": nonce, "organiser": True}
            self.record(self.name(None), device.door, guest, **undo)
            self.model.take_back(nonce, device.door, self.now, always=True)

    def add(self, device: Device, step: Step) -> None:
        """From a signature on paper, or afterwards, of some minutes ago."""
        at, evidence = self.now - step.picks[0] % 40 * MINUTE, Evidence.PAPER if step.yes else Evidence.LATER
        came = self.model.known(step.guest)[0]
        given = {"direction": Direction.IN, "at": at, "evidence": evidence}
        outcome = self.record(self.name(step.guest), device.door, step.guest, **given)
        expected = Verdict.ALREADY_IN if came else Verdict.ADMITTED
        assert outcome.verdict == (Verdict.WAITLISTED if step.guest == WAITING else expected)
        through = outcome.verdict == Verdict.ADMITTED
        self.heard(device.door, outcome.nonce, step.guest, Direction.IN, at, evidence, through=through)

    def end(self) -> None:
        """All that waits is brought, the last first."""
        for device in self.devices:
            self.deliver(device, [*reversed(device.queue)], lost=False)
            self.deliver(device, device.brought[:20], lost=False)
        self.compare()

    def name(self, guest: int | None) -> str:
        """A new nonce; those of one moment sort as they like."""
        nonce = f"{len(self.made) * 7919 % 1000:03}-{len(self.made)}"
        self.made.append((nonce, -1 if guest is None else guest))
        return nonce

    def chosen(self, step: Step) -> tuple[str, int] | None:
        scans = [(nonce, guest) for nonce, guest in self.made if guest >= 0]
        return scans[-1 - step.picks[0] % min(len(scans), 6)] if scans else None

    def queue(
        self,
        device: Device,
        nonce: str,
        guest: int,
        way: Direction,
        shown: Verdict,
        undoes: str | None = None,
    ) -> None:
        sent = {"nonce": nonce, "direction": way, "shown": shown, "undoes": undoes}
        device.queue.append({"guest": guest, "true": self.now, "sent": sent})

    def deliver(self, device: Device, lines: list[dict[str, Any]], *, lost: bool) -> None:
        sent_at = self.now - device.delay + device.skew
        scans = [self.sent(device, line, sent_at) for line in lines]
        for outcome, line in zip(self.system.bring(scans), lines, strict=True):
            assert isinstance(outcome, Outcome)
            self.remember(outcome)
            self.arrive(device, line)
        if not lost:
            device.brought += [line for line in lines if line in device.queue]
            device.queue = [line for line in device.queue if line not in lines]

    def sent(self, device: Device, line: dict[str, Any], sent_at: datetime) -> Scan:
        at = happened_at(line["true"] + device.skew, sent_at, self.now)
        return self.system.scan(device.door, line["guest"], at=at, offline=True, **line["sent"])

    def arrive(self, device: Device, line: dict[str, Any]) -> None:
        sent, door = line["sent"], device.door
        nonce, let_in = sent["nonce"], sent["shown"] == Verdict.ADMITTED
        believed = abs(device.delay - device.skew) <= MINUTE
        at = min(line["true"] + (device.skew if believed else device.delay), self.now)
        if sent["direction"] != Direction.UNDO:
            self.heard(door, nonce, line["guest"], sent["direction"], at, through=let_in)
            self.model.scans[nonce].through |= let_in
        else:
            self.model.take_back_sometime(nonce, sent["undoes"], door, at)

    def heard(
        self,
        door: int,
        nonce: str,
        guest: int,
        way: Direction,
        at: datetime,
        evidence: Evidence = Evidence.SCAN,
        *,
        through: bool,
    ) -> None:
        """Only what arrives first says when it was."""
        self.model.scans.setdefault(nonce, Happened(nonce, guest, way, at, door, evidence, through))

    def record(self, nonce: str, door: int, guest: int, **given: Any) -> Outcome:
        (outcome,) = self.system.bring(
            [self.system.scan(door, guest, **{"nonce": nonce, "at": self.now} | given)]
        )
        assert isinstance(outcome, Outcome)
        self.remember(outcome)
        return outcome

    def remember(self, outcome: Outcome) -> None:
        """What was answered once is answered for ever."""
        answer = (outcome.verdict, outcome.at, outcome.first_at, outcome.attended, outcome.holder)
        assert self.answers.setdefault(outcome.nonce, answer) == answer

    def compare(self) -> None:
        expected = [self.model.known(guest) for guest in range(GUESTS)]
        assert self.system.known() == expected
        assert self.system.counted() == (sum(known[0] is not None for known in expected), len(self.answers))


def _way(step: Step) -> Direction:
    return Direction.OUT if step.out else Direction.IN
