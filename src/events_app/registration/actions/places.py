"""Places where one statement cannot decide: several people, several sessions, a draw, rules that count."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from events_app.lib import clock
from events_app.lib.codes import Signer, new_pin, new_ticket_code
from events_app.lib.database import transaction
from events_app.lib.errors import Invalid, Refused
from events_app.lib.language import gettext as _
from events_app.programmes.tables import Admission, Extent
from events_app.registration.queries import places as queries
from events_app.registration.queries.places import LockedRoom, Registered
from events_app.registration.queries.taking import (
    Applicant,
    OpenSession,
    SeatTaken,
    find_held_seat,
    find_open_session,
)
from events_app.registration.rules import admission as rules
from events_app.registration.rules.admission import EligibleName, HeldSeat, NewSeat, Room, Wish
from events_app.registration.rules.seats import (
    already_registered,
    check_door,
    check_open,
    check_open_or_walk_in,
    is_walk_in,
)
from events_app.registration.tables import SeatState


def together(first: Applicant, wish: Wish, signer: Signer) -> list[Applicant]:
    """Who fills the form, and the companions, each with a ticket of their own; raises Invalid for one named twice."""
    everybody = [first, *(_companion(first, one, signer) for one in wish.companions)]
    twice = rules.same_twice([(a.name, a.phone) for a in everybody])
    if twice:
        sentence = _("同一个人写了两次。请每人只写一行；同名的人请写各自的手机号码。")
        raise Invalid({f"companion-{wish.companions[at - 1].number}-name": sentence for at in twice})
    return everybody


async def take_places(
    session: OpenSession, code: str, applicants: Sequence[Applicant], wish: Wish
) -> SeatTaken | None:
    """Everything that is wished for or nothing: raises Refused and Invalid. What is answered is the first one's seat.

    None when the rules are others by now than `session` said: everything has to be looked at again.
    """
    async with transaction():
        return await _take_locked(session, code, applicants, wish)


async def _take_locked(
    session: OpenSession, code: str, applicants: Sequence[Applicant], wish: Wish
) -> SeatTaken | None:
    locked = await queries.lock_rooms(
        session.activity, [code, *wish.further], course=session.extent == Extent.COURSE
    )
    now = await find_open_session(code)
    if now is None or now.updated_at != session.updated_at:
        return None
    _check_sessions(now, code, locked, wish)
    late = wish.at_door or is_walk_in(now, clock.now())
    if wish.at_door:
        now, locked = _decided_there(now, locked)
    applicants, eligible = await _under_unit(now, applicants)
    people = await queries.lock_people([(a.name, a.phone) for a in applicants])
    ids = [people[a.name, a.phone] for a in applicants]
    held = await queries.list_held_seats(ids, now.activity, now.programme)
    registered = await queries.add_registrations(now.activity, ids, applicants)
    await _renew(now, registered[0], applicants[0], held)
    seats = [
        msgspec.structs.replace(seat, walk_in=late and seat.session == now.id)
        for seat in await _decide(now, locked, applicants, registered, held, eligible)
    ]
    return await _seat(now, code, locked, applicants[0], registered[0], seats)


def _companion(first: Applicant, one: rules.Companion, signer: Signer) -> Applicant:
    ticket = new_ticket_code()
    return msgspec.structs.replace(
        first,
        name=one.name,
        phone=one.phone or first.phone,
        answers="{}",
        ticket=ticket,
        signature=signer.sign(ticket),
        pin=new_pin(),
        birth_year=one.birth_year,
        guardian_name="",
        guardian_phone="",
    )


def _decided_there(
    session: OpenSession, locked: Sequence[LockedRoom]
) -> tuple[OpenSession, list[LockedRoom]]:
    """At the door nobody waits for a decision or for a place: there is one now, or there is none."""
    rooms = [msgspec.structs.replace(room, waiting_list=False) for room in locked]
    return msgspec.structs.replace(session, admission=Admission.OPEN), rooms


def _check_sessions(session: OpenSession, code: str, locked: Sequence[LockedRoom], wish: Wish) -> None:
    """Whether everything could be registered for now; raises Refused and Invalid."""
    check_door(session) if wish.at_door else check_open_or_walk_in(session, clock.now())
    further = [room for room in locked if room.code in wish.further and room.code != code]
    if {room.code for room in further} != set(wish.further) - {code}:
        raise Invalid({"further": _("请从列表中选择这个活动的场次。")})
    if further and session.extent == Extent.ONE:
        raise Invalid({"further": _("这个活动每人只能参加一场，请不要再选其他场次。")})
    if session.extent == Extent.SEVERAL:
        for room in further:
            check_open(room, clock.now())


async def _under_unit(
    session: OpenSession, applicants: Sequence[Applicant]
) -> tuple[list[Applicant], list[EligibleName]]:
    """The applicants with their unit's name as the list of eligible ones writes it; raises Invalid."""
    if not (session.eligible_only or session.unit_quotas):
        return list(applicants), []
    eligible = await queries.list_eligible_names(session.activity)
    if not session.eligible_only:
        return list(applicants), eligible
    unit = rules.check_eligible(applicants[0].unit, eligible)
    return [msgspec.structs.replace(a, unit=unit) for a in applicants], eligible


async def _renew(
    session: OpenSession, mine: Registered, applicant: Applicant, held: Sequence[HeldSeat]
) -> None:
    """The newest form of the same phone counts; raises Refused for a script that may not know of the registration.

    A unit that seats are counted for already stays.
    """
    if mine.added:
        return
    if not (mine.mine or applicant.trusted):
        raise already_registered()
    if mine.mine:
        kept = _keeps_unit(session, mine, held)
        renewed = msgspec.structs.replace(applicant, unit=mine.unit) if kept else applicant
        await queries.renew_registration(mine.id, renewed)


def _keeps_unit(session: OpenSession, registered: Registered, held: Sequence[HeldSeat]) -> bool:
    counted = any(one.person == registered.person and one.activity == session.activity for one in held)
    return counted and (session.unit_quotas or session.eligible_only)


async def _decide(
    session: OpenSession,
    locked: Sequence[LockedRoom],
    applicants: Sequence[Applicant],
    registered: Sequence[Registered],
    held: Sequence[HeldSeat],
    eligible: Sequence[EligibleName],
) -> list[NewSeat]:
    has = {(one.person, one.session) for one in held}
    newcomers = {
        room.id: [one.id for one in registered if (one.person, room.id) not in has] for room in locked
    }
    if not any(newcomers.values()):
        return []
    for applicant, one in zip(applicants, registered, strict=True):
        new = sum(one.id in ids for ids in newcomers.values())
        rules.check_limits(session, applicant.name, one.person, held, new)
    if session.unit_quotas:
        units = _units(session, applicants[0], registered, held)
        await _check_quotas(session, newcomers, units, eligible)
    in_use = {room.id: [one.party for one in held if one.session == room.id] for room in locked}
    parties = {id: rules.party_of(ids, in_use[id]) for id, ids in newcomers.items()}
    return rules.give_places(session, await _rooms(session, locked), newcomers, parties)


def _units(
    session: OpenSession, first: Applicant, registered: Sequence[Registered], held: Sequence[HeldSeat]
) -> dict[int, str]:
    """By registration: what it is counted for."""
    units = {one.id: one.unit for one in registered}
    leader = registered[0]
    if leader.mine and not _keeps_unit(session, leader, held):
        units[leader.id] = first.unit
    return units


async def _check_quotas(
    session: OpenSession,
    newcomers: dict[int, list[int]],
    units: dict[int, str],
    eligible: Sequence[EligibleName],
) -> None:
    counted = Counter[tuple[int, str]]()
    for row in await queries.list_unit_counts(list(newcomers)):
        counted[row.session, rules.unit_key(row.unit)] += row.number
    for room, ids in newcomers.items():
        new = Counter(rules.unit_key(units[one]) for one in ids)
        for unit in {units[one] for one in ids}:
            quota = rules.quota_of(unit, session.unit_quota, eligible)
            key = rules.unit_key(unit)
            rules.check_quota(unit, quota, counted[room, key], new[key])


async def _rooms(session: OpenSession, locked: Sequence[LockedRoom]) -> list[Room]:
    draws = {}
    if session.admission == Admission.DRAW:
        draws = {one.session: one for one in await queries.list_draw_states([room.id for room in locked])}
    return [
        Room(
            room.id,
            room.code,
            room.starts_at,
            room.capacity,
            room.taken,
            room.waiting,
            room.waiting_list,
            room.waiting_last,
            draws[room.id].drawn if draws else False,
            draws[room.id].entry_last if draws else 0,
        )
        for room in locked
    ]


async def _seat(
    session: OpenSession,
    code: str,
    locked: Sequence[LockedRoom],
    applicant: Applicant,
    registered: Registered,
    seats: Sequence[NewSeat],
) -> SeatTaken:
    """Writes the seats; the first one's in the session of the form, new or held before."""
    ids = await queries.add_seats(seats) if seats else {}
    if len(ids) != len(seats):
        raise Refused(_("刚才有人同时改动了这条报名，请再提交一次。"), "conflict")
    new = next((s for s in seats if (s.registration, s.session) == (registered.id, session.id)), None)
    if new is None:
        taken = await find_held_seat(session.id, applicant.phone, applicant.name, applicant.phone_digest)
        assert taken
        return taken
    waiting = next(room.waiting for room in locked if room.id == session.id)
    position = waiting + 1 if new.state == SeatState.WAITLISTED else None
    seat = ids[registered.id, session.id]
    if applicant.token is not None:
        await queries.write_down(applicant, session.organization, code, seat, new.state, position)
    return SeatTaken(seat, registered.ticket, registered.signature, new.state, position, mine=registered.mine)
