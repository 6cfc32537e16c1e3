"""People, registrations, seats and scans, many at a time."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from events_app.checkin.tables import Direction, Verdict
from events_app.demo import queries
from events_app.demo.crowd import Registered, Taken
from events_app.lib.codes import Signer
from events_app.registration.tables import Evidence, SeatState

REGISTRATION = (
    *("id", "activity", "person", "participant", "unit", "answers", "ticket", "signature", "pin"),
    *("consented_at", "created_at"),
)
SEAT = (
    *("id", "registration", "session", "state", "waiting_number", "joined_at", "released_at"),
    *("attended_at", "moved_at", "inside", "evidence"),
)
SCAN = (
    *("nonce", "session", "seat", "ticket", "direction", "verdict", "let_in", "evidence", "place", "at"),
    *("received_at", "first_at", "attended", "expected", "account"),
)
# Every so often somebody shows the same ticket twice.
_TWICE = 25


async def save(
    activity: int, account: int, sessions: Sequence[int], taken: Sequence[Sequence[Taken]], signer: Signer
) -> None:
    """The seats of an activity's sessions, scanned by `account`."""
    everyone = list({s.who.ticket: s.who for session in taken for s in session}.values())
    registrations = await _register(activity, everyone, signer)
    for session, given in zip(sessions, taken, strict=True):
        ids = await queries.reserve_ids("seat", len(given))
        await queries.copy("seat", SEAT, _seat_rows(session, ids, given, registrations))
        await queries.copy("scan", SCAN, _scan_rows(session, account, ids, given))
        await queries.count_seats(session)


async def _register(activity: int, everyone: list[Registered], signer: Signer) -> dict[str, int]:
    """Registration ids by ticket."""
    people = await queries.save_people(
        [who.person.name for who in everyone], [who.person.phone for who in everyone]
    )
    ids = await queries.reserve_ids("registration", len(everyone))
    rows = [
        (
            *(id_, activity, person, person, who.unit, "{}", who.ticket, signer.sign(who.ticket), who.pin),
            *(who.created_at, who.created_at),
        )
        for id_, person, who in zip(ids, people, everyone, strict=True)
    ]
    await queries.copy("registration", REGISTRATION, rows)
    return {who.ticket: id_ for id_, who in zip(ids, everyone, strict=True)}


def _seat_rows(
    session: int, ids: list[int], given: Sequence[Taken], registrations: dict[str, int]
) -> Iterable[Sequence[object]]:
    for id_, seat in zip(ids, given, strict=True):
        yield (
            *(id_, registrations[seat.who.ticket], session, seat.state, seat.waiting_number),
            *(seat.joined_at, seat.released_at, seat.attended_at, seat.attended_at),
            *(seat.evidence not in (None, Evidence.LATER), seat.evidence),
        )


def _scan_rows(
    session: int, account: int, ids: list[int], given: Sequence[Taken]
) -> Iterable[Sequence[object]]:
    """How each of them came, and now and then somebody who shows the same ticket twice."""
    expected = sum(seat.state in (SeatState.CONFIRMED, SeatState.PENDING) for seat in given)
    came = [(seat.attended_at, id_, seat) for id_, seat in zip(ids, given, strict=True) if seat.attended_at]
    for number, (at, id_, seat) in enumerate(sorted(came, key=lambda one: one[:2]), 1):
        line = (session, id_, seat.who.ticket, Direction.IN)
        place = ("东门", "西门")[number % 2]
        answer = (number, expected, account)
        yield (f"demo-{id_}-1", *line, Verdict.ADMITTED, True, seat.evidence, place, at, at, None, *answer)
        if number % _TWICE == 0 and seat.evidence == Evidence.SCAN:
            later = at + timedelta(seconds=40)
            again = (Verdict.ALREADY_IN, False, Evidence.SCAN)
            yield (f"demo-{id_}-2", *line, *again, place, later, later, at, *answer)
