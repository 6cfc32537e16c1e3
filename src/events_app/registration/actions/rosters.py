"""A unit's list: organisers hand it out, its leader keeps it."""

from collections import Counter
from collections.abc import Mapping, Sequence

from events_app.accounts.actions import audit, throttle
from events_app.accounts.rules import Me
from events_app.lib import clock, codes
from events_app.lib.codes import Signer
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.lib.request_context import address
from events_app.programmes.actions.activities import own_activity
from events_app.programmes.tables import Admission
from events_app.registration.actions.exchanges import exchange
from events_app.registration.actions.terms import latest_terms
from events_app.registration.actions.waiting import give_back, move_up
from events_app.registration.forms import LeaderForm, UnitForm
from events_app.registration.queries import imports, lock_session
from events_app.registration.queries import rosters as queries
from events_app.registration.queries.places import (
    LockedRoom,
    list_draw_states,
    list_eligible_names,
    list_held_seats,
    list_unit_counts,
    lock_people,
    lock_rooms,
)
from events_app.registration.queries.rosters import PersonSeat, RosterPerson, RosterRow, RosterSession
from events_app.registration.queries.taking import Applicant
from events_app.registration.rules.admission import (
    check_eligible,
    check_limits,
    check_quota,
    quota_of,
    unit_key,
)
from events_app.registration.rules.roster_rows import Asking, Entry, Row, read_row
from events_app.registration.rules.rosters import NewPerson, new_person
from events_app.registration.rules.seats import check_cancellable, check_open, is_cancellable
from events_app.registration.rules.terms import TermsVersion, is_sensitive
from events_app.registration.tables import Cause

# Whoever was given a link opens it at once; whoever guesses is stopped long before one of 2^256 is found.
_GUESSES = 60
_HOUR = 3600


async def invite_unit(me: Me, activity_code: str, form: UnitForm) -> int:
    """A list for a school or company to fill; raises NotFound, Invalid for a unit that may not come, and Refused."""
    activity = await own_activity(me, activity_code)
    unit = form.unit
    if activity.eligible_only:
        unit = check_eligible(unit, await list_eligible_names(activity.id))
    async with transaction():
        organization = await queries.find_organization_named(unit)
        keys, leader = (codes.new_secret(), codes.new_ticket_code()), (form.leader_name, form.leader_phone)
        roster = await queries.add_roster(activity.id, organization, unit, keys, leader, me.account)
        if roster is None:
            raise Refused(_("%(unit)s已经有名单了，请在下面找到它。", unit=unit), "taken")
        await audit(
            me, "roster.create", f"{activity_code}/{roster}", organization=activity.organization, unit=unit
        )
    return roster


async def own_roster(me: Me, activity_code: str, roster: int) -> RosterRow:
    """Raises NotFound, for another union's too."""
    activity = await own_activity(me, activity_code)
    found = await queries.find_own_roster(roster, activity_code, [activity.organization])
    if found is None:
        raise NotFound
    return found


async def renew_link(me: Me, activity_code: str, roster: int, *, revoked: bool) -> None:
    """Another secret: the old link opens nothing. A list that is `revoked` is closed until it gets a link again."""
    found = await own_roster(me, activity_code, roster)
    async with transaction():
        await queries.set_secret(found.id, codes.new_secret(), revoked=revoked)
        deed = "roster.revoke" if revoked else "roster.renew"
        await audit(
            me, deed, f"{activity_code}/{roster}", organization=found.activity_organization, unit=found.unit
        )


async def roster_by(secret: str) -> RosterRow:
    """Raises NotFound with a sentence that helps, and TooMany for an address that guesses."""
    found = await queries.find_roster(secret)
    if found is None:
        await throttle(f"roster-from:{address.get()}", _GUESSES, _HOUR)
        raise NotFound(
            _(
                "这个名单链接不能用：它可能已经换成新的链接，或者已经停用。请打开最近收到的链接，或联系主办单位。"
            ),
            "unknown_roster",
        )
    return found


async def change_leader(me: Me | None, roster: RosterRow, form: LeaderForm) -> None:
    async with transaction():
        await queries.set_leader(roster.id, form.leader_name, form.leader_phone)
        await note(me, roster, "roster.leader")


async def asking_of(roster: RosterRow, starts: Sequence[LockedRoom | RosterSession]) -> Asking:
    """What has to be known of everybody who comes to these sessions."""
    terms = await latest_terms(roster.activity)
    now = clock.now()
    return Asking(
        terms=terms,
        kind=roster.kind,
        minimum_age=roster.minimum_age,
        asks_birth_year=roster.asks_birth_year,
        starts_at=min((room.starts_at for room in starts), default=now),
        leader_phone=roster.leader_phone,
        year=clock.local(now).year,
    )


def applicant_of(person: NewPerson, entry: Entry, roster: RosterRow, terms: TermsVersion) -> Applicant:
    return Applicant(
        name=entry.name,
        phone=entry.phone,
        unit=roster.unit,
        answers=person.answers,
        ticket=person.ticket,
        signature=person.signature,
        pin=person.pin,
        phone_digest=b"roster %d" % roster.id,  # shorter than a phone's SHA-256: no cookie becomes this
        terms=terms.number,
        birth_year=person.birth_year,
        guardian_name=person.guardian_name,
        guardian_phone=person.guardian_phone,
        sensitive=is_sensitive(roster.kind, terms),
    )


async def person_on(roster: RosterRow, registration: int) -> RosterPerson:
    """Raises NotFound."""
    found = await queries.find_person(roster.id, registration)
    if found is None:
        raise NotFound
    return found


def open_seats(person: RosterPerson) -> list[PersonSeat]:
    """Those that can still change hands, in the order in which sessions are locked."""
    now = clock.now()
    return sorted((seat for seat in person.seats if is_cancellable(seat, now)), key=lambda s: s.session_id)


@again_after_deadlock
async def exchange_person(
    me: Me | None, roster: RosterRow, registration: int, row: Row, signer: Signer
) -> int:
    """Somebody else comes in their stead, to every session that is still to come; returns the new registration.

    Raises NotFound, Invalid by the row's fields, and Refused.
    """
    async with transaction():
        person = await person_on(roster, registration)
        seats = open_seats(person)
        if not seats:
            raise Refused(_("这个人没有还能换人的席位：都已经取消、签到或结束。"), "not_held")
        rooms = await lock_rooms(roster.activity, [seat.session for seat in seats], course=False)
        asking = await asking_of(roster, rooms)
        entry, errors = read_row(row, asking)
        if entry is None:
            raise Invalid(errors)
        await _check_successor(roster, entry, seats)
        successor = new_person(entry, 0, signer)
        heir = registration
        while seats:
            session = await lock_session(seats[0].session)
            assert session
            applicant = applicant_of(successor, entry, roster, asking.terms)
            heir = (await exchange(session, seats[0].id, applicant)).registration
            seats = open_seats(await person_on(roster, registration))
        await note(me, roster, "roster.exchange", old=registration, new=heir)
    return heir


async def _check_successor(roster: RosterRow, entry: Entry, seats: Sequence[PersonSeat]) -> None:
    """Raises Refused for one who registered alone, or who has as many places as one may have."""
    known = (await imports.find_known(roster.activity, [entry.key])).get(entry.key)
    if known and known.registration and known.roster != roster.id:
        sentence = _("%(name)s自己报过名，或由别的单位报过名。请换另一个人。", name=entry.name)
        raise Refused(sentence, "already_registered")
    person = (await lock_people([entry.key]))[entry.key]
    held = await list_held_seats([person], roster.activity, roster.programme)
    if {one.session for one in held} & {seat.session_id for seat in seats}:
        sentence = _("%(name)s在这一场已有席位或正在候补。请换另一个人。", name=entry.name)
        raise Refused(sentence, "already_registered")
    check_limits(roster, entry.name, person, held, len(seats))


@again_after_deadlock
async def remove_person(me: Me | None, roster: RosterRow, registration: int) -> None:
    """Their places are free, and whoever waits moves up. Raises NotFound and Refused."""
    async with transaction():
        person = await person_on(roster, registration)
        released = False
        for seat in open_seats(person):
            session = await lock_session(seat.session)
            assert session
            check_cancellable(session, clock.now())
            released |= await give_back(session, registration, Cause.REMOVED, _("领队移出名单"))
        if not released:
            raise Refused(_("这个人没有还能取消的席位：都已经取消、签到或结束。"), "not_held")
        await note(me, roster, "roster.remove", registration=registration)


@again_after_deadlock
async def set_headcounts(me: Me | None, roster: RosterRow, numbers: Mapping[str, int]) -> None:
    """So many people without names in these sessions, by code; of a course in all that are left.

    Raises Invalid by `heads-<code>`; then nothing is changed.
    """
    async with transaction():
        rooms = await lock_rooms(roster.activity, list(numbers), course=False)
        roster = await roster_by(roster.secret)  # with the rules that stand under the lock
        old = await queries.list_headcounts(roster.id)
        changed = {room: numbers[room.code] for room in rooms if numbers[room.code] != old.get(room.id, 0)}
        used = await units_used(roster, [room.id for room in changed]) if changed else {}
        quota = await quota_for(roster)
        errors = {}
        for room, number in changed.items():
            new = number - old.get(room.id, 0)
            try:
                await _check_heads(roster, room, new, used.get(room.id, 0), quota)
            except Refused as refused:
                errors[f"heads-{room.code}"] = refused.sentence
        if errors:
            raise Invalid(errors)
        for room, number in changed.items():
            await queries.set_headcount(roster.id, room.id, number)
        for room in sorted(changed, key=lambda room: room.id):
            if numbers[room.code] < old.get(room.id, 0) and (session := await lock_session(room.code)):
                await move_up(session)
        if changed:
            counts = {room.code: number for room, number in changed.items()}
            await note(me, roster, "roster.headcount", numbers=counts)


async def _check_heads(roster: RosterRow, room: LockedRoom, new: int, used: int, quota: int | None) -> None:
    """Heads stand in no line and in no draw: there is a place for all of them, or for none."""
    if new < 0:
        check_cancellable(room, clock.now())
        return
    check_open(room, clock.now())
    if roster.admission == Admission.DRAW and not (await list_draw_states([room.id]))[0].drawn:
        raise Refused(_("这一场要抽签，不能按人数报名。请用名单报名。"), "draw")
    check_quota(roster.unit, quota, used, new)
    left = room.capacity - room.taken if room.waiting == 0 else 0
    if new > left:
        raise Refused(_("这一场只剩%(left)s个名额，不够再加%(new)s人。", left=max(left, 0), new=new), "full")


async def quota_for(roster: RosterRow) -> int | None:
    return quota_of(roster.unit, roster.unit_quota, await list_eligible_names(roster.activity))


async def units_used(roster: RosterRow, sessions: Sequence[int]) -> dict[int, int]:
    """The unit's seats and heads by session, whoever registered them."""
    used: Counter[int] = Counter()
    for row in await list_unit_counts(sessions):
        if unit_key(row.unit) == unit_key(roster.unit):
            used[row.session] += row.number
    return dict(used)


async def note(me: Me | None, roster: RosterRow, deed: str, **detail: object) -> None:
    """What a leader does is written down as what staff do is, also when nobody is logged in."""
    subject = f"{roster.activity_code}/{roster.id}"
    await audit(me, deed, subject, organization=roster.activity_organization, unit=roster.unit, **detail)
