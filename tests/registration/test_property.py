"""Whatever people do in whatever order: places, line and offers are those of a model that fits on one page.

The same steps run against the rules alone, a thousand times, and against PostgreSQL with everything around them.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from datetime import timedelta
from typing import Any, Protocol, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.people import SIGNER, make_activity, make_session, make_union

from events_app.lib import clock, database
from events_app.lib.codes import new_ticket_code
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.programmes.tables import Session
from events_app.registration import queries
from events_app.registration.actions import exchanges, lines, offers, taking, waiting
from events_app.registration.forms import LineForm, LineTarget, RegistrationForm
from events_app.registration.queries.taking import Applicant
from events_app.registration.rules.admission import Companion, Wish
from events_app.registration.rules.waiting import Waiting, next_in_line, reordered

T = TypeVar("T")
PEOPLE = [f"赵{n}" for n in range(12)]
PHONE = "19900001234"
SEAT_OF = """
    SELECT seat.id
      FROM seat JOIN registration r ON r.id = seat.registration JOIN person p ON p.id = r.person
     WHERE seat.session = $1 AND p.name = $2
"""
# Of each session who has a place and how, and who waits in which order.
Seen = list[tuple[dict[str, str], list[str]]]


class System(Protocol):
    """What is tested. Each deed says whether it was done."""

    def join(self, group: list[str]) -> bool: ...
    def leave(self, person: str) -> bool: ...
    def accept(self, person: str) -> bool: ...
    def lapse(self) -> None: ...
    def resize(self, session: int, capacity: int) -> bool: ...
    def exchange(self, old: str, new: str) -> bool: ...
    def move(self, person: str, position: int) -> bool: ...
    def seen(self) -> Seen: ...
    def close(self) -> None: ...


class Model:
    """Several sessions are a course: who has a place has one in all of them."""

    def __init__(self, capacities: list[int], offering: bool) -> None:
        self.capacities, self.state = capacities, "offered" if offering else "confirmed"
        self.held: dict[str, str] = {}
        self.line: list[list[str]] = []

    @property
    def free(self) -> int:
        return min(self.capacities) - len(self.held)

    def group_of(self, person: str) -> list[str]:
        return next((group for group in self.line if person in group), [])

    def knows(self, person: str) -> bool:
        return person in self.held or bool(self.group_of(person))

    def join(self, group: list[str]) -> bool:
        if any(self.knows(person) for person in group) or len(group) > min(self.capacities):
            return False
        if not self.line and len(group) <= self.free:
            self.held |= dict.fromkeys(group, "confirmed")
        else:
            self.line.append(list(group))
        return True

    def leave(self, person: str) -> bool:
        if not self.knows(person):
            return False
        self.held.pop(person, None)
        self.line = [[one for one in group if one != person] for group in self.line]
        self.settle()
        return True

    def accept(self, person: str) -> bool:
        if self.held.get(person) != "offered":
            return False
        self.held[person] = "confirmed"
        return True

    def lapse(self) -> None:
        self.held = {person: state for person, state in self.held.items() if state != "offered"}
        self.settle()

    def resize(self, session: int, capacity: int) -> bool:
        if capacity < len(self.held) or capacity < max(map(len, self.line), default=0):
            return False
        self.capacities[session] = capacity
        self.settle()
        return True

    def exchange(self, old: str, new: str) -> bool:
        if not self.knows(old) or self.knows(new):
            return False
        if old in self.held:
            self.held[new] = self.held.pop(old)
        self.line = [[new if one == old else one for one in group] for group in self.line]
        return True

    def move(self, person: str, position: int) -> bool:
        group = self.group_of(person)
        if not group:
            return False
        others = [other for other in self.line if other is not group]
        at = ahead = 0
        while at < len(others) and ahead < position - 1:
            ahead += len(others[at])
            at += 1
        self.line = [*others[:at], group, *others[at:]]
        self.settle()
        return True

    def settle(self) -> None:
        self.line = [group for group in self.line if group]
        while self.line and len(self.line[0]) <= self.free:
            self.held |= dict.fromkeys(self.line.pop(0), self.state)


class OnRules:
    """Rows in memory, moved as the statements move them, and decided upon by the rules of the application."""

    def __init__(self, capacities: list[int], offering: bool) -> None:
        self.capacities, self.state = capacities, "offered" if offering else "confirmed"
        self.held: list[dict[str, str]] = [{} for _ in capacities]
        self.lines: list[list[Waiting]] = [[] for _ in capacities]
        self.parties = 0

    def join(self, group: list[str]) -> bool:
        known = {*self.held[0], *(PEOPLE[one.registration] for one in self.lines[0])}
        if known & set(group) or len(group) > min(self.capacities):
            return False
        fits = all(
            not line and len(held) + len(group) <= capacity
            for line, held, capacity in zip(self.lines, self.held, self.capacities, strict=True)
        )
        self.parties += 1
        party = 1000 + self.parties if len(group) > 1 else None
        for session in range(len(self.capacities)):
            for person in group:
                if fits:
                    self.held[session][person] = "confirmed"
                else:
                    self.lines[session].append(self.waiting(session, person, party))
        return True

    def waiting(self, session: int, person: str, party: int | None) -> Waiting:
        number = PEOPLE.index(person)
        return Waiting(100 * session + number, session, number, party)

    def leave(self, person: str) -> bool:
        number, found = PEOPLE.index(person), False
        for session, held in enumerate(self.held):
            before = len(held), len(self.lines[session])
            held.pop(person, None)
            self.lines[session] = [one for one in self.lines[session] if one.registration != number]
            found |= before != (len(held), len(self.lines[session]))
        self.settle()
        return found

    def accept(self, person: str) -> bool:
        for held in self.held:
            if held.get(person) != "offered":
                return False
            held[person] = "confirmed"
        return True

    def lapse(self) -> None:
        self.held = [{p: state for p, state in held.items() if state != "offered"} for held in self.held]
        self.settle()

    def resize(self, session: int, capacity: int) -> bool:
        parties = [one.group for one in self.lines[session]]
        if capacity < max([len(self.held[session]), *map(parties.count, parties)]):
            return False
        self.capacities[session] = capacity
        self.settle()
        return True

    def exchange(self, old: str, new: str) -> bool:
        waiting = {PEOPLE[one.registration] for one in self.lines[0]}
        if old not in {*self.held[0], *waiting} or new in {*self.held[0], *waiting}:
            return False
        for session, held in enumerate(self.held):
            if old in held:
                held[new] = held.pop(old)
            self.lines[session] = [
                self.waiting(session, new, one.party) if one.registration == PEOPLE.index(old) else one
                for one in self.lines[session]
            ]
        return True

    def move(self, person: str, position: int) -> bool:
        for session, line in enumerate(self.lines):
            own = [one for one in line if one.registration == PEOPLE.index(person)]
            if not own:
                return False
            self.lines[session] = reordered(line, own[0], position)
        self.settle()
        return True

    def settle(self) -> None:
        free = {n: self.capacities[n] - len(held) for n, held in enumerate(self.held)}
        for one in next_in_line(free, dict(enumerate(self.lines))):
            self.held[one.session][PEOPLE[one.registration]] = self.state
            self.lines[one.session].remove(one)

    def seen(self) -> Seen:
        lines = [[PEOPLE[one.registration] for one in line] for line in self.lines]
        return [(dict(held), line) for held, line in zip(self.held, lines, strict=True)]

    def close(self) -> None: ...


class OnPostgres:
    """The actions that the pages call, in one transaction that is rolled back."""

    def __init__(self, runner: asyncio.Runner, capacities: list[int], offering: bool) -> None:
        self.runner = runner
        self.transaction = database.transaction()
        self.run(self._open(capacities, offering))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    async def _open(self, capacities: list[int], offering: bool) -> None:
        await self.transaction.__aenter__()
        await database.fetch("SET LOCAL synchronous_commit = off")
        union = await make_union()
        columns = {"extent": "course"} if len(capacities) > 1 else {}
        minutes = 30 if offering else None
        activity = await make_activity(union.organization, offer_minutes=minutes, group_most=4, **columns)
        self.me = union.wang
        self.sessions = [await make_session(activity, capacity) for capacity in capacities]

    def join(self, group: list[str]) -> bool:
        if any(self.ticket_now(person) for person in group):
            return False  # the application adds those of a group who have no place yet
        form = RegistrationForm(name=group[0], phone=PHONE, unit="", consent=True)
        companions = [Companion(n, name) for n, name in enumerate(group[1:], 1)]
        wish = Wish(companions, [], True)
        return self.done(taking.register(self.sessions[0].code, form, SIGNER, "phone", wish=wish))

    def done(self, work: Coroutine[Any, Any, object]) -> bool:
        async def attempt() -> bool:
            try:
                async with database.transaction():
                    await work
            except (Refused, Invalid, NotFound):
                return False
            return True

        return self.run(attempt())

    def ticket_now(self, person: str) -> Any:
        """The ticket with which this person holds something."""
        return self.run(self._ticket(person))

    async def _ticket(self, person: str) -> Any:
        row = await database.find(
            """SELECT r.ticket, r.signature FROM registration r JOIN person p ON p.id = r.person
                WHERE r.activity = $1 AND p.name = $2
                  AND EXISTS (SELECT FROM seat WHERE registration = r.id AND state <> 'released')""",
            self.sessions[0].activity,
            person,
        )
        return row and await queries.find_ticket(row["ticket"], row["signature"])

    def leave(self, person: str) -> bool:
        ticket = self.ticket_now(person)
        return bool(ticket) and self.done(waiting.cancel(ticket, self.sessions[-1].code))

    def accept(self, person: str) -> bool:
        ticket = self.ticket_now(person)
        return bool(ticket) and self.done(self._accept_alone(ticket))

    async def _accept_alone(self, ticket: Any) -> None:
        """The model has no leaders, who accept for all: here they are followers too."""
        sql = "UPDATE seat SET party = -party WHERE party = $1 AND state = 'offered'"
        await database.fetch(sql, ticket.registration)
        await offers.accept(ticket, self.sessions[0].code)

    def lapse(self) -> None:
        self.run(self._lapse())

    async def _lapse(self) -> None:
        ids, past = [session.id for session in self.sessions], clock.now() - timedelta(seconds=1)
        sql = "UPDATE seat SET offer_ends_at = $2 WHERE session = ANY($1) AND state = 'offered'"
        await database.fetch(sql, ids, past)
        await offers.lapse()

    def resize(self, session: int, capacity: int) -> bool:
        return self.done(self._resize(self.sessions[session], capacity))

    async def _resize(self, session: Session, capacity: int) -> None:
        locked = await waiting.own_locked_session(self.me, session.code)
        await waiting.check_capacity(locked, capacity)
        await Session.update({Session.capacity: capacity}).where(Session.id == session.id)
        await waiting.move_up(locked)

    def exchange(self, old: str, new: str) -> bool:
        return self.done(self._exchange(old, new))

    async def _exchange(self, old: str, new: str) -> None:
        session = await queries.lock_session(self.sessions[0].code)
        assert session
        seat = await database.value(SEAT_OF, session.id, old)
        code = new_ticket_code()
        successor = Applicant(new, PHONE, "", "{}", code, SIGNER.sign(code), "123456", b"p" * 32)
        await exchanges.exchange(session, seat or 0, successor)

    def move(self, person: str, position: int) -> bool:
        session = self.sessions[0]
        seat = self.run(database.value(SEAT_OF, session.id, person)) or 0
        form = LineForm(to=LineTarget.POSITION, position=position, reason="要先走")
        return self.done(lines.move_in_line(self.me, session.code, seat, form))

    def seen(self) -> Seen:
        return self.run(self._seen())

    async def _seen(self) -> Seen:
        """With the counters compared to what they count, and every person with one seat a session."""
        sql = """SELECT seat.session, p.name, seat.state, s.taken, s.waiting
                   FROM session s LEFT JOIN seat ON seat.session = s.id AND seat.state <> 'released'
                   LEFT JOIN registration r ON r.id = seat.registration LEFT JOIN person p ON p.id = r.person
                  WHERE s.id = $1 ORDER BY seat.waiting_number"""
        found: Seen = []
        for session in self.sessions:
            rows = await database.fetch(sql, session.id)
            people = [row for row in rows if row["name"]]
            held = {row["name"]: row["state"] for row in people if row["state"] != "waitlisted"}
            line = [row["name"] for row in people if row["state"] == "waitlisted"]
            assert len({row["name"] for row in people}) == len(people)
            assert (rows[0]["taken"], rows[0]["waiting"]) == (len(held), len(line))
            found.append((held, line))
        return found

    def close(self) -> None:
        self.run(self._close())

    async def _close(self) -> None:
        await self.transaction.__aexit__(RuntimeError, RuntimeError(), None)


person = st.sampled_from(PEOPLE)


class Booking(RuleBasedStateMachine):
    """Every deed is done to both; afterwards both have to be the same."""

    system: System
    model: Model

    def make(self, capacities: list[int], offering: bool) -> System:
        return OnRules(capacities, offering)

    @initialize(capacities=st.lists(st.integers(1, 5), min_size=1, max_size=3), offering=st.booleans())
    def begin(self, capacities: list[int], offering: bool) -> None:
        self.model = Model(list(capacities), offering)
        self.system = self.make(list(capacities), offering)

    @rule(group=st.lists(person, min_size=1, max_size=4, unique=True))
    def join(self, group: list[str]) -> None:
        assert self.system.join(group) == self.model.join(group)

    @rule(someone=person)
    def join_alone(self, someone: str) -> None:
        assert self.system.join([someone]) == self.model.join([someone])

    @rule(someone=person)
    def leave(self, someone: str) -> None:
        assert self.system.leave(someone) == self.model.leave(someone)

    @rule(someone=person)
    def accept(self, someone: str) -> None:
        assert self.system.accept(someone) == self.model.accept(someone)

    @rule()
    def lapse(self) -> None:
        self.system.lapse()
        self.model.lapse()

    @rule(session=st.integers(0, 2), capacity=st.integers(1, 6))
    def resize(self, session: int, capacity: int) -> None:
        session %= len(self.model.capacities)
        assert self.system.resize(session, capacity) == self.model.resize(session, capacity)

    @rule(old=person, new=person)
    def exchange(self, old: str, new: str) -> None:
        assert self.system.exchange(old, new) == self.model.exchange(old, new)

    @rule(someone=person, position=st.integers(1, 8))
    def move(self, someone: str, position: int) -> None:
        assert self.system.move(someone, position) == self.model.move(someone, position)

    @invariant()
    def both_are_the_same(self) -> None:
        if not hasattr(self, "system"):
            return
        line = [someone for group in self.model.line for someone in group]
        for session, (held, waiting_) in enumerate(self.system.seen()):
            assert held == self.model.held
            assert waiting_ == line
            assert len(held) <= self.model.capacities[session]

    def teardown(self) -> None:
        if hasattr(self, "system"):
            self.system.close()


CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def run(machine: Any, examples: int) -> None:
    """The same examples every time; they are not kept."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=50,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=CHECKS,
    )
    run_state_machine_as_test(machine, settings=chosen)


def test_rules_keep_to_the_model() -> None:
    run(Booking, 1400)  # some end before their fiftieth step: 50,000 steps in all


@pytest.fixture
def runner(database_url: str) -> Iterator[asyncio.Runner]:
    """A loop that outlives one step, with connections of its own."""
    usual, database.engine.pool = database.engine.pool, None
    database.configure(database_url)
    with asyncio.Runner() as ready:
        ready.run(database.open_pool(2))
        try:
            yield ready
        finally:
            ready.run(database.close_pool())
            database.engine.pool = usual


def test_actions_keep_to_the_model(runner: asyncio.Runner) -> None:
    class OnTheDatabase(Booking):
        def make(self, capacities: list[int], offering: bool) -> System:
            return OnPostgres(runner, capacities, offering)

    run(OnTheDatabase, 100)


class PassesOver(OnRules):
    """The control: serves whoever fits instead of whoever is next."""

    def settle(self) -> None:
        for session, line in enumerate(self.lines):
            for one in list(line):
                if len(self.held[session]) < self.capacities[session]:
                    self.held[session][PEOPLE[one.registration]] = self.state
                    self.lines[session].remove(one)


def test_model_notices_who_passes_others_over() -> None:
    class Unfair(Booking):
        def make(self, capacities: list[int], offering: bool) -> System:
            return PassesOver(capacities, offering)

    with pytest.raises(AssertionError):
        run(Unfair, 200)
