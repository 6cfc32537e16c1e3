"""Who registers for an activity, who gets a place, and who comes. Pure: dice in, people and seats out."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from random import Random

import msgspec

from events_app.demo import chance, names
from events_app.demo.calendar import Times
from events_app.demo.plan import Activity, Part, Session
from events_app.registration.tables import Evidence, SeatState

# The tickets that scripts may check in are the first of their session.
TICKETS = 40
_AGAIN = 0.3  # of a later session's people have been in an earlier one
_KNOWN = 0.15  # of the others took part in another activity
_SHARED_PHONE = 0.02
_EVIDENCE = {
    Evidence.SCAN: 88,
    Evidence.SELF: 4,
    Evidence.ROSTER: 4,
    Evidence.PAPER: 2,
    Evidence.LATER: 2,
}


class Person(msgspec.Struct, frozen=True):
    name: str
    phone: str


class Registered(msgspec.Struct):
    """A person's registration for one activity."""

    person: Person
    unit: str
    ticket: str
    pin: str
    created_at: datetime


class Taken(msgspec.Struct):
    """A registration's place in one session, in the order of joining."""

    who: Registered
    joined_at: datetime
    state: SeatState = SeatState.CONFIRMED
    waiting_number: int | None = None
    released_at: datetime | None = None
    attended_at: datetime | None = None
    evidence: Evidence | None = None


class Crowd:
    """People, so many as are asked for; some come back."""

    def __init__(self) -> None:
        self._dice = chance.seeded("people")
        self._numbers = count(1)
        self.people: list[Person] = []

    def someone(self, but: set[Person]) -> Person:
        """Somebody who is not in `but`: a new person, or one known from another activity."""
        if self.people and self._dice.random() < _KNOWN:
            known = self._dice.choice(self.people)
            if known not in but:
                return known
        return self._newcomer()

    def _newcomer(self) -> Person:
        number = next(self._numbers)
        phone = names.demo_phone(number)
        if self.people and self._dice.random() < _SHARED_PHONE:
            phone = self.people[-1].phone  # a family's, or a team's
        person = Person(names.some_name(self._dice, number), phone)
        self.people.append(person)
        return person


def fill(activity: Activity, times: list[Times], crowd: Crowd, now: datetime) -> list[list[Taken]]:
    """The seats of each of the activity's sessions."""
    dice = chance.seeded("crowd", activity.key)
    everyone: list[Registered] = []
    seats = []
    for session, when in zip(activity.sessions, times, strict=True):
        joining = list(_join(activity, session, when, everyone, crowd, dice, now))
        _seat(session, joining, dice, now)
        _attend(session, when, joining, dice, now)
        seats.append(joining)
    return seats


def _join(
    activity: Activity,
    session: Session,
    when: Times,
    everyone: list[Registered],
    crowd: Crowd,
    dice: Random,
    now: datetime,
) -> Iterator[Taken]:
    again = dice.sample(everyone, min(len(everyone), int(session.registered * _AGAIN)))
    moments = _moments(dice, session.registered, when.opens_at, min(when.closes_at, now))
    known = {registered.person for registered in everyone}
    for moment in moments:
        if again and dice.random() < _AGAIN:
            familiar = again.pop()
            familiar.created_at = min(familiar.created_at, moment)
            yield Taken(familiar, moment)
            continue
        person = crowd.someone(known)
        known.add(person)
        unit = dice.choice(activity.units)
        everyone.append(Registered(person, unit, chance.ticket_code(dice), chance.pin(dice), moment))
        yield Taken(everyone[-1], moment)


def _seat(session: Session, joining: list[Taken], dice: Random, now: datetime) -> None:
    """First come, first served; who waits has a number, and who gave up leaves theirs unused."""
    first = TICKETS if session.part == Part.TICKETS else 0
    gone = set(dice.sample(range(first, len(joining)), session.given_up))
    held, number = 0, 0
    for index, seat in enumerate(joining):
        waits = held >= session.capacity
        number += waits
        if index in gone:
            seat.state, seat.released_at = SeatState.RELEASED, min(seat.joined_at + timedelta(hours=1), now)
        elif waits:
            seat.state, seat.waiting_number = SeatState.WAITLISTED, number
        else:
            held += 1
    undecided = [seat for seat in joining if seat.state == SeatState.CONFIRMED]
    for seat in undecided[len(undecided) - session.pending :]:
        seat.state = SeatState.PENDING


def _attend(session: Session, when: Times, joining: list[Taken], dice: Random, now: datetime) -> None:
    first = TICKETS if session.part == Part.TICKETS else 0
    could = [seat for seat in joining[first:] if seat.state == SeatState.CONFIRMED]
    latest = min(when.starts_at + timedelta(minutes=20), when.check_in_closes_at, now)
    # A running session is visited by people who registered before it began.
    could = [seat for seat in could if seat.joined_at < latest]
    coming = dice.sample(could, session.attended)
    arrivals = _moments(dice, session.attended, when.check_in_opens_at, latest)
    for seat, moment in zip(coming, arrivals, strict=True):
        (seat.evidence,) = dice.choices(list(_EVIDENCE), list(_EVIDENCE.values()))
        seat.attended_at = max(moment, seat.joined_at)


def _moments(dice: Random, number: int, since: datetime, until: datetime) -> list[datetime]:
    seconds = (until - since).total_seconds()
    return sorted(since + timedelta(seconds=int(dice.random() * seconds)) for _ in range(number))
