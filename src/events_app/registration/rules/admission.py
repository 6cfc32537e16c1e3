"""Who gets a place under an activity's rules, decided from what is known under the lock of its sessions."""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from events_app.lib.clock import local, short_day_text
from events_app.lib.errors import Invalid, Refused
from events_app.lib.language import gettext as _
from events_app.programmes.tables import Admission, Extent
from events_app.registration.rules.consent import needs_guardian
from events_app.registration.rules.seats import full
from events_app.registration.tables import SeatState


class Companion(msgspec.Struct, frozen=True):
    """Somebody who is registered together with whoever fills the form, in its line of this `number`.

    Without a `phone` of their own the first one's counts.
    """

    number: int
    name: str
    phone: str = ""
    birth_year: int | None = None


class Wish(msgspec.Struct, frozen=True):
    """What somebody wants besides a place for themselves in one session: codes of `further` ones, places for others.

    `at_door`: they stand there, and whoever keeps the door fills the form.
    """

    companions: list[Companion] = []
    further: list[str] = []
    agreed: bool = False
    at_door: bool = False


ALONE = Wish()
AT_THE_DOOR = Wish(at_door=True)


class Rules(Protocol):
    """What an activity asks of everybody: OpenSession and SessionPage say so."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def minimum_age(self) -> int | None: ...
    @property
    def asks_birth_year(self) -> bool: ...
    @property
    def eligible_only(self) -> bool: ...
    @property
    def unit_quota(self) -> int | None: ...
    @property
    def group_most(self) -> int: ...


class Measured(Protocol):
    """What decides how many places one person may have."""

    @property
    def activity(self) -> int: ...
    @property
    def admission(self) -> Admission: ...
    @property
    def extent(self) -> Extent: ...
    @property
    def most_sessions(self) -> int | None: ...
    @property
    def programme_most(self) -> int | None: ...
    @property
    def eligible_only(self) -> bool: ...
    @property
    def unit_quotas(self) -> bool: ...


class Room(msgspec.Struct, frozen=True):
    """A locked session. `drawn`: its draw is over; `entry_last` is the last number that an entry to it got."""

    id: int
    code: str
    starts_at: datetime
    capacity: int
    taken: int
    waiting: int
    waiting_list: bool
    waiting_last: int
    drawn: bool
    entry_last: int


class HeldSeat(msgspec.Struct, frozen=True):
    """A seat that one of the people has already, in this activity or in another one of its programme."""

    person: int
    activity: int
    session: int
    party: int | None


class EligibleName(msgspec.Struct, frozen=True):
    """A unit on an activity's list, and the quota that it has instead of everybody's."""

    name: str
    quota: int | None


class NewSeat(msgspec.Struct, frozen=True):
    registration: int
    session: int
    state: SeatState
    waiting_number: int | None = None
    entry_number: int | None = None
    party: int | None = None
    walk_in: bool = False


def is_plain(session: Measured, wish: Wish) -> bool:
    """Whether one person's place in one session is all there is to decide: one statement can."""
    limited = session.extent != Extent.SEVERAL or session.most_sessions or session.programme_most
    measured = session.eligible_only or session.unit_quotas
    more = wish.companions or wish.further or wish.at_door
    return not (limited or measured or session.admission == Admission.DRAW or more)


def entry_errors(rules: Rules, unit: str, birth_year: int | None, wish: Wish, year: int) -> dict[str, str]:
    """What an activity's rules find wrong with what was typed, by field. `year` is the present one."""
    errors = {}
    if wrong := age_error(rules, birth_year):
        errors["birth_year"] = wrong
    if not unit and (rules.unit_quota or rules.eligible_only):
        errors["unit"] = _("名额按单位分配，请填写所在单位。")
    return errors | _companion_errors(rules, wish, year)


def age_error(rules: Rules, birth_year: int | None) -> str:
    """The birthday is not asked for, so only who is certainly old enough on the day may come."""
    age = rules.minimum_age
    if age is None or birth_year is None or local(rules.starts_at).year - birth_year > age:
        return ""
    if local(rules.starts_at).year - birth_year == age:
        return _(
            "这项活动要求年满%(age)s周岁，只凭出生年份还不能确定活动当天是否已满。请与主办单位联系。", age=age
        )
    return _("这项活动要求年满%(age)s周岁。请看看其他活动。", age=age)


def unit_key(unit: str) -> str:
    """What two ways of writing one unit have in common."""
    return "".join(unicodedata.normalize("NFKC", unit).casefold().split())


def check_eligible(unit: str, eligible: Sequence[EligibleName]) -> str:
    """The unit's name as the list writes it; raises Invalid for one that is not on it."""
    for one in eligible:
        if unit_key(one.name) == unit_key(unit):
            return one.name
    raise Invalid({"unit": _("这项活动只面向指定单位，您填写的单位不在其中。请从列表中选择所在单位。")})


def quota_of(unit: str, common: int | None, eligible: Sequence[EligibleName]) -> int | None:
    """How many seats the unit may have in one session; None for any number."""
    own = next((one.quota for one in eligible if unit_key(one.name) == unit_key(unit)), None)
    return common if own is None else own


def check_quota(unit: str, quota: int | None, counted: int, new: int) -> None:
    """Raises Refused when the unit's `counted` seats in a session and the `new` ones are more than its quota."""
    if quota is None or not unit or not new or counted + new <= quota:
        return
    left = max(quota - counted, 0)
    raise Refused(
        _(
            "%(unit)s在这一场的名额是%(quota)s个，还剩%(left)s个，不够了。请与单位或主办单位联系，或选择其他场次。",
            unit=unit,
            quota=quota,
            left=left,
        ),
        "unit_full",
        left=left,
    )


def check_limits(session: Measured, name: str, person: int, held: Sequence[HeldSeat], new: int) -> None:
    """Raises Refused when `new` seats beside the `held` ones are more than one person may have."""
    mine = [seat for seat in held if seat.person == person]
    here = sum(seat.activity == session.activity for seat in mine)
    most = {Extent.ONE: 1, Extent.SEVERAL: session.most_sessions, Extent.COURSE: None}[session.extent]
    if new and most is not None and here + new > most:
        raise Refused(_limit_sentence(most, name, here, new), "limit", most=most, held=here)
    if new and session.programme_most is not None and len(mine) + new > session.programme_most:
        raise Refused(
            _(
                "同一项目的各项活动，每人一共最多参加%(most)s场；%(name)s已经报了%(held)s场。"
                "请先取消不参加的场次，再来报名。",
                most=session.programme_most,
                name=name,
                held=len(mine),
            ),
            "limit",
            most=session.programme_most,
            held=len(mine),
        )


def give_places(
    session: Measured,
    rooms: Sequence[Room],
    newcomers: Mapping[int, Sequence[int]],
    parties: Mapping[int, int | None],
) -> list[NewSeat]:
    """A seat for every one of the `newcomers`' registrations, by session; raises Refused where there is no room.

    Nobody overtakes: a place is given while nobody waits and everybody who comes together fits. Of a course that
    means each of its sessions, for its seats are in one state. `parties` names a session's newcomers together.
    """
    wanted = [room for room in rooms if newcomers[room.id]]
    for room in wanted:
        if len(newcomers[room.id]) > max(room.capacity, 1):
            raise _never_fits(room)
    whole = session.extent != Extent.COURSE or all(fits(room, len(newcomers[room.id])) for room in wanted)
    seats = []
    for room in wanted:
        placed = whole and fits(room, len(newcomers[room.id]))
        drawing = session.admission == Admission.DRAW and not room.drawn
        if not (placed or drawing or room.waiting_list):
            raise _no_room(session, room, len(newcomers[room.id]), len(wanted))
        for at, registration in enumerate(newcomers[room.id], 1):
            state, number = _granted(session.admission, placed, drawing), None if drawing or placed else at
            seats.append(
                NewSeat(
                    registration,
                    room.id,
                    state,
                    number and room.waiting_last + number,
                    room.entry_last + at if drawing else None,
                    parties[room.id],
                )
            )
    return seats


def fits(room: Room, people: int) -> bool:
    return room.waiting == 0 and room.capacity - room.taken >= people


def _never_fits(room: Room) -> Refused:
    """They would stand in line for ever, and keep everybody behind them waiting."""
    sentence = _(
        "本场总共只有%(n)s个名额，容不下同行的所有人。请减少同行的人，或选别的场次。", n=room.capacity
    )
    return Refused(sentence, "full")


def party_of(registrations: Sequence[int], in_use: Sequence[int | None]) -> int | None:
    """What seats that are taken together are known by: the registration of the first who leads no other party there."""
    if len(registrations) < 2:
        return None
    return next((one for one in registrations if one not in in_use), registrations[0])


def _granted(admission: Admission, placed: bool, drawing: bool) -> SeatState:
    if drawing:
        return SeatState.ENTERED
    if not placed:
        return SeatState.WAITLISTED
    return SeatState.PENDING if admission == Admission.APPROVAL else SeatState.CONFIRMED


def _no_room(session: Measured, room: Room, people: int, sessions: int) -> Refused:
    left = room.capacity - room.taken if room.waiting == 0 else 0
    if session.extent == Extent.COURSE:
        sentence = _(
            "整期活动要每一场都有名额才能报名，%(day)s的一场名额不够，也没有候补名单。",
            day=short_day_text(local(room.starts_at)),
        )
    elif left > 0:
        sentence = _(
            "%(day)s的一场只剩%(left)s个名额，不够%(people)s人，也没有候补名单。请减少同行的人，或选择其他场次。",
            day=short_day_text(local(room.starts_at)),
            left=left,
            people=people,
        )
    elif sessions > 1:
        sentence = _(
            "%(day)s的一场名额已满，也没有候补名单。请不选这一场，再提交一次。",
            day=short_day_text(local(room.starts_at)),
        )
    else:
        return full()
    return Refused(sentence, "full")


def _limit_sentence(most: int, name: str, held: int, new: int) -> str:
    if held == 0:
        return _("这个活动每人最多参加%(most)s场，这次选了%(new)s场。请减少几场。", most=most, new=new)
    return _(
        "这个活动每人最多参加%(most)s场，%(name)s已经报了%(held)s场。要换一场，请先在入场码页面取消原来的报名。",
        most=most,
        name=name,
        held=held,
    )


def _companion_errors(rules: Rules, wish: Wish, year: int) -> dict[str, str]:
    errors = {}
    if len(wish.companions) >= rules.group_most:
        errors["companions"] = _("最多%(most)s人一起报名，包括您自己。", most=rules.group_most)
    if wish.companions and not wish.agreed:
        errors["companions_agreed"] = _("请确认同行的人都知道并同意由您代为报名。")
    for one in wish.companions:
        if wrong := _companion_age_error(rules, one, year):
            errors[f"companion-{one.number}-birth_year"] = wrong
    return errors


def _companion_age_error(rules: Rules, companion: Companion, year: int) -> str:
    if rules.minimum_age is None and not rules.asks_birth_year:
        return ""
    if companion.birth_year is None:
        return _("请填写出生年份，如1990。")
    if needs_guardian(companion.birth_year, year):
        return _("未满14周岁的人须由监护人同意，请监护人单独为其报名。")
    return age_error(rules, companion.birth_year)


def same_twice(people: Sequence[tuple[str, str]]) -> list[int]:
    """Which of these names and phones stood there before, counted from 0."""
    seen = Counter[tuple[str, str]]()
    twice = []
    for at, person in enumerate(people):
        if seen[person]:
            twice.append(at)
        seen[person] += 1
    return twice
