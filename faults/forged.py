"""Hold up tickets that nobody issued at a door, a million of them: `python -m faults.forged 1000000`.

They go the way of whatever a gate sends, from the form's reading to the statement that lets people in. Then the genuine
ones are held up too: they must come in, or the round has shown nothing. Last, a browser judges all the forged ones as a
gate without network does.
"""

import argparse
import asyncio
import itertools
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from uuid import uuid4

from bench.data import LOGIN

from events_app.checkin.forms.scans import ScanForm
from events_app.checkin.queries.admitting import Scan, admit
from events_app.checkin.tables import Direction, Verdict
from events_app.lib import clock, codes, database
from events_app.lib.errors import Invalid
from events_app.lib.postgres import embedded
from events_app.web.forms import read_values
from faults.application import SECRET
from faults.forgeries import SAME_TICKET, Ticket, forgeries
from faults.judged import judge_all
from faults.kills import prepare

Tally = Counter[tuple[str, str]]  # by kind and answer
UNREADABLE = "unreadable"  # the form itself refused it
_ROUND = 2000
_TICKETS = 5000
_TELL_EVERY = 50_000


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="events-forged-", dir=options.directory) as name:
        directory = Path(name)
        directory.chmod(0o755)  # PostgreSQL's own account has to get in when we are root
        tickets, tally, admitted, genuine = asyncio.run(_run(directory, options.count, options.seed))
    for kind in sorted({kind for kind, _answer in tally}):
        answers = {str(answer): n for (of, answer), n in sorted(tally.items()) if of == kind}
        print(f"| {kind} | {sum(answers.values())} | {answers} |")
    print(f"{tally.total()} forged tickets, {admitted} let in; {genuine} of {_TICKETS} genuine ones let in")
    taken = judge_all(codes.signer(SECRET.encode()), forgeries(tickets, options.count, options.seed))
    print(
        f"without network, in a browser: {taken.total()} believed, of these the same ticket: {_same(taken)}"
    )
    sys.exit(admitted != 0 or genuine != _TICKETS or taken.total() != _same(taken))


def _same(taken: Counter[str]) -> int:
    return sum(taken[kind] for kind in SAME_TICKET)


async def hold_up(session: str, account: int, shown: Iterable[tuple[str, str]]) -> Tally:
    """What each kind was answered."""
    tally: Tally = Counter()
    shown = iter(shown)
    while part := list(itertools.islice(shown, _ROUND)):
        for kinds, scans in _rounds(session, account, part, tally):
            outcomes = await admit(scans)
            tally.update(
                (kind, outcomes[session, scan.nonce].verdict) for kind, scan in zip(kinds, scans, strict=True)
            )
    return tally


def _rounds(
    session: str, account: int, shown: Sequence[tuple[str, str]], tally: Tally
) -> Iterator[tuple[list[str], list[Scan]]]:
    """Whatever one statement can judge at once: no code of a ticket twice. What cannot be read is answered here."""
    rounds: list[dict[str, tuple[str, Scan]]] = []
    for kind, text in shown:
        scan = _read(session, account, text)
        if scan is None:
            tally[kind, UNREADABLE] += 1
            continue
        name = scan.ticket if scan.signature else scan.nonce  # without a signature it is nobody's
        free = next((round for round in rounds if name not in round), None)
        if free is None:
            rounds.append(free := {})
        free[name] = kind, scan
    for full in rounds:
        kinds, scans = zip(*full.values(), strict=True)
        yield list(kinds), list(scans)


def _read(session: str, account: int, text: str) -> Scan | None:
    """As the gate's controller does, but for typed numbers: no forger knows them, forgeries() sees to that."""
    try:
        sent = read_values(ScanForm, {"ticket": text, "nonce": uuid4().hex})
    except Invalid:
        return None
    code, signature = codes.read_any_ticket(sent.ticket)
    return Scan(
        session=session,
        ticket=code,
        signature=signature,
        nonce=sent.nonce,
        direction=Direction.IN,
        at=clock.now(),
        account=account,
        address="",
        request_id="",
    )


async def let_in(session: str) -> int:
    """By what the seats say, not the answers."""
    counted = "SELECT count(*) FROM seat JOIN session s ON s.id = seat.session WHERE s.code = $1 AND {}"
    came = await database.value(counted.format("attended_at IS NOT NULL"), session)
    return int(max(came, await database.value("SELECT attended FROM session WHERE code = $1", session)))


async def list_tickets(session: str) -> list[Ticket]:
    rows = await database.fetch(
        """SELECT r.ticket, r.signature FROM registration r JOIN seat ON seat.registration = r.id
             JOIN session s ON s.id = seat.session WHERE s.code = $1 ORDER BY r.id""",
        session,
    )
    return [Ticket(row["ticket"], row["signature"]) for row in rows]


async def _run(directory: Path, count: int, seed: int) -> tuple[list[Ticket], Tally, int, int]:
    world = await prepare(directory)
    with embedded(directory) as dsn:
        database.configure(dsn)
        await database.open_pool(2)
        try:
            account = await database.value("SELECT id FROM account WHERE login = $1", LOGIN)
            tickets = await list_tickets(world.hall)
            tally = await hold_up(world.hall, account, _told(forgeries(tickets, count, seed), count))
            admitted = await let_in(world.hall)
            genuine = await hold_up(world.hall, account, [("genuine", ticket.text) for ticket in tickets])
        finally:
            await database.close_pool()
    return tickets, tally, admitted, genuine["genuine", Verdict.ADMITTED]


def _told(shown: Iterator[tuple[str, str]], count: int) -> Iterator[tuple[str, str]]:
    began = time.monotonic()
    for number, one in enumerate(shown, 1):
        yield one
        if number % _TELL_EVERY == 0:
            print(f"{number} of {count} after {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="faults.forged")
    parser.add_argument("count", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--seed", type=int, default=0, help="Another seed forges others.")
    parser.add_argument("--directory", default=None, help="Where the database lies; some GB for a million.")
    return parser.parse_args()


if __name__ == "__main__":
    main()
