"""What the processes of a race do: each has its own pool, and all begin at the same moment."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from typing import Any
from uuid import uuid4

from events_app.accounts.rules import Me
from events_app.checkin.actions import admitting as checkin
from events_app.checkin.actions import gates as opening
from events_app.checkin.actions import sheets, walk_ins
from events_app.checkin.actions import undoing as take_back
from events_app.checkin.actions.rosters import Hand
from events_app.checkin.forms.sheets import SignaturesForm
from events_app.checkin.forms.walk_ins import WalkInForm
from events_app.checkin.queries import admitting as gates
from events_app.checkin.queries import gates as links
from events_app.checkin.queries import recording as brought
from events_app.checkin.queries import undoing
from events_app.checkin.queries.admitting import Outcome, Scan
from events_app.checkin.queries.sessions import Doorkeeper, find_gate_session
from events_app.checkin.tables import Direction
from events_app.lib import clock, database
from events_app.lib.codes import Signer
from events_app.lib.errors import NotFound, Refused
from events_app.programmes.actions.clashes import ClashesFound
from events_app.programmes.actions.sessions import create_session
from events_app.programmes.forms.sessions import SessionForm
from events_app.programmes.queries import clashes
from events_app.programmes.queries.sessions import find_session_page
from events_app.programmes.queries.workdays import load
from events_app.registration import queries
from events_app.registration.actions import taking as actions
from events_app.registration.actions.waiting import cancel
from events_app.registration.forms import RegistrationForm
from events_app.registration.queries import SeatTaken, places
from events_app.registration.rules.admission import Companion, Wish
from events_app.registration.rules.answers import NO_ANSWERS

PROCESSES = 2
CONNECTIONS = 8
_SIGNER = Signer(b"0" * 64)
_start: Barrier

# What a racer answers for one try: the verdict, a state with its number, or the name of what went wrong.
Result = tuple[str, int | None]


class Racers:
    """Processes that are kept for several races: they take longer to start than to run."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def run(self, work: Callable[..., Awaitable[list[Any]]], dsn: str, *shares: Iterable[Any]) -> list[Any]:
        """`work` in every process, each with its share of the arguments; all the results together."""
        running = [self._pool.submit(_run, work, dsn, share) for share in zip(*shares, strict=True)]
        assert len(running) == PROCESSES
        return [result for future in running for result in future.result(timeout=60)]


@contextmanager
def racers() -> Iterator[Racers]:
    context = get_context("spawn")
    barrier = context.Barrier(PROCESSES)
    with ProcessPoolExecutor(PROCESSES, context, _remember, (barrier,)) as pool:
        yield Racers(pool)


def halves(items: list[Any]) -> list[list[Any]]:
    return [items[::2], items[1::2]]


async def register_all(session: str, names: list[str], without: str = "") -> list[Result]:
    """Everybody at once; `without` is cut out of the statement that gives the seats."""
    with _cut(queries.taking, "TAKE_SEAT", without):
        return await asyncio.gather(*(_register(session, name) for name in names))


async def take_all(
    tries: list[tuple[str, list[str]]], unit: str = "", cut: tuple[str, str] = ("LOCK_ROOMS", "")
) -> list[Result]:
    """Groups of names, each at a session, all at once; `cut` names a statement and what is cut out of it."""
    with _cut(places, *cut):
        return await asyncio.gather(*(_take(session, names, unit) for session, names in tries))


async def scan_all(scans: list[Scan], straight: bool, without: str = "") -> list[Outcome]:
    """All at once, through the lane in which scans of one process queue up, or `straight` to the database."""

    async def direct(scan: Scan) -> Outcome:
        return checkin._seen((await checkin._admit_with_patience([scan]))[scan.session, scan.nonce])

    with _cut(gates, "ADMIT", without):
        return await asyncio.gather(*((direct if straight else checkin.admit)(scan) for scan in scans))


async def scan_all_or_fail(scans: list[Scan], straight: bool) -> list[str]:
    """The verdicts, or the names of what went wrong."""

    async def one(scan: Scan) -> str:
        try:
            return (await scan_all([scan], straight))[0].verdict
        except Exception as error:
            return type(error).__name__

    return await asyncio.gather(*map(one, scans))


async def bring_all(batches: list[list[Scan]], without: str = "") -> list[Outcome]:
    """What devices without network bring, all the batches at once, with what is asked at the doors meanwhile."""
    with _cut(brought, "LOCK_SEATS", without):
        told = await asyncio.gather(*(checkin.admit_all(batch) for batch in batches))
    outcomes: list[Outcome] = []
    for outcome in (one for batch in told for one in batch):
        if isinstance(outcome, Exception):
            raise outcome
        outcomes.append(outcome)
    return outcomes


async def register_by_script(me: Any, bodies: list[Any], key: str) -> list[SeatTaken]:
    return await asyncio.gather(*(actions.register_by_script(me, body, key, _SIGNER) for body in bodies))


async def plan_all(plans: list[tuple[Me, str, SessionForm]], without: str = "") -> list[str]:
    """Everybody saves a session of an activity at once: what was saved, and what clashed."""
    await load()  # or the first one would be late

    async def plan(me: Me, activity: str, form: SessionForm) -> str:
        try:
            await create_session(me, activity, form)
        except ClashesFound as found:
            return str(found.clashes[0].kind)
        return "saved"

    with _cut(clashes, "LOCK_PLANNING", without):
        return await asyncio.gather(*(plan(*given) for given in plans))


async def open_all(link: str, devices: list[str], without: str = "") -> list[str]:
    """Devices that open one link of a gate, all at once: those that have become it."""

    async def one(device: str) -> str:
        try:
            await opening.open_gate(link, device)
        except NotFound:
            return ""
        return device

    with _cut(links, "OPEN_GATE", without):
        return [device for device in await asyncio.gather(*map(one, devices)) if device]


async def undo_all(
    session: str, account: int, seat: SeatTaken, nonces: list[str], without: str = ""
) -> list[str]:
    """Organisers who take one seat's coming back, all at once; `without` is cut out of the lock."""
    hand = await _organiser(session, account)
    with _cut(undoing, "LOCK_SEAT", without):
        await asyncio.gather(*(take_back.undo_attendance(hand, seat, nonce, "点错了") for nonce in nonces))
    return []


async def undo_or_scan(session: str, account: int, seats: list[SeatTaken], undo: bool) -> list[str]:
    """One process takes the seats' comings back, the other one scans them again."""
    hand = await _organiser(session, account)
    for seat in seats:
        if undo:
            await take_back.undo_attendance(hand, seat, uuid4().hex[:30], "点错了")
        else:
            await checkin.admit(scan_of(session, seat.ticket, seat.signature, account))
    return []


async def walk_in_all(session: str, account: int, people: list[str], without: str = "") -> list[str]:
    """All come at once, each with a nonce of their own name: the verdicts, or the reasons why not."""
    hand, row = await _organiser(session, account), await find_session_page(session)
    assert row

    async def one(name: str) -> str:
        form = RegistrationForm(name=name, phone="19900001234", unit="", consent=True)
        try:
            done = await walk_ins.walk_in(None, hand, row, form, NO_ANSWERS, _SIGNER, WalkInForm(name, False))
        except Refused as refused:
            return refused.reason
        return done.outcome.verdict

    with _cut(places, "LOCK_ROOMS", without):
        return await asyncio.gather(*map(one, people))


async def type_in_all(
    session: str, account: int, sheet: str, seats: list[int], turns: list[int], without: str = ""
) -> list[int]:
    """People who type one page of a sheet in, all at once: how many came by each of them."""
    hand = await _organiser(session, account)
    found = await sheets.sheet_of(hand.session.id, sheet)
    forms = [SignaturesForm(at=clock.now(), seat=seats, turn=turn) for turn in turns]
    with _cut(brought, "LOCK_SEATS", without):
        typed = await asyncio.gather(*(sheets.type_in(None, hand, found, 1, form) for form in forms))
    return [one.came for one in typed]


async def _organiser(session: str, account: int) -> Hand:
    organization = await database.value("SELECT organization FROM membership WHERE account = $1", account)
    found = await find_gate_session(session, Doorkeeper(account, [organization], []))
    assert found
    return Hand(found, account, organiser=True)


async def storm(sessions: list[str], account: int, seed: int) -> list[Result]:
    """Many people register, cancel, come in and go out as they like."""
    chance = random.Random(seed)
    tickets: dict[tuple[str, str], SeatTaken] = {}

    async def one(_number: int) -> list[Result]:
        return [await _act(chance, tickets, sessions, account) for _turn in range(20)]

    return [result for results in await asyncio.gather(*map(one, range(12))) for result in results]


async def _act(
    chance: random.Random, tickets: dict[tuple[str, str], SeatTaken], sessions: list[str], account: int
) -> Result:
    session, name = chance.choice(sessions), f"赵{chance.randrange(40)}"
    seat = tickets.get((session, name))
    deed = chance.choice(("register", "cancel", "admit", "admit")) if seat else "register"
    try:
        if deed == "register":
            taken = await actions.register(session, _form(name), _SIGNER, "a-phone")
            tickets[session, name] = taken
            return taken.state, None
        assert seat
        if deed == "cancel":
            ticket = await queries.find_ticket(seat.ticket, seat.signature)
            assert ticket
            await cancel(ticket, session)
            return "cancelled", None
        direction = chance.choice((Direction.IN, Direction.OUT))
        outcome = await checkin.admit(scan_of(session, seat.ticket, seat.signature, account, direction))
    except Refused as refused:
        return refused.reason, None
    return outcome.verdict, None


def scan_of(
    session: str,
    ticket: str,
    signature: bytes,
    account: int,
    direction: Direction = Direction.IN,
    nonce: str = "",
) -> Scan:
    return Scan(
        session=session,
        ticket=ticket,
        signature=signature,
        nonce=nonce or uuid4().hex,
        direction=direction,
        at=clock.now(),
        offline=False,
        account=account,
        token=None,
        address="",
        request_id="",
    )


def tally(results: list[Result]) -> Counter[str]:
    return Counter(state for state, _number in results)


async def _register(session: str, name: str) -> Result:
    try:
        seat = await actions.register(session, _form(name), _SIGNER, "a-phone")
    except Exception as error:
        return type(error).__name__, None
    return seat.state, seat.position


async def _take(session: str, names: list[str], unit: str) -> Result:
    form = RegistrationForm(name=names[0], phone="19900001234", unit=unit, consent=True)
    wish = Wish([Companion(n, name) for n, name in enumerate(names[1:], 1)], agreed=True)
    try:
        seat = await actions.register(session, form, _SIGNER, "a-phone", wish=wish)
    except Refused as refused:
        return refused.reason, None
    except Exception as error:
        return type(error).__name__, None
    return seat.state, seat.position


def _form(name: str) -> RegistrationForm:
    return RegistrationForm(name=name, phone="19900001234", unit="", consent=True)


@contextmanager
def _cut(module: Any, constant: str, without: str) -> Iterator[None]:
    whole = getattr(module, constant)
    assert not without or whole.count(without) == 1
    setattr(module, constant, whole.replace(without, "") if without else whole)
    try:
        yield
    finally:
        setattr(module, constant, whole)


def _remember(start: Barrier) -> None:
    global _start
    _start = start


def _run(work: Callable[..., Awaitable[list[Any]]], dsn: str, share: tuple[Any, ...]) -> list[Any]:
    async def race() -> list[Any]:
        database.configure(dsn)
        await database.open_pool(CONNECTIONS)
        try:
            # Every connection is open before the start, or the first of them would win without a race.
            await asyncio.gather(*(database.value("SELECT pg_sleep(0.05)") for _ in range(CONNECTIONS)))
            _start.wait(30)
            return await work(*share)
        finally:
            await database.close_pool()

    return asyncio.run(race())
