"""Who was in an activity's sessions for how long, and what it comes to."""

from collections import defaultdict

import msgspec

from events_app.accounts.rules import Me
from events_app.checkin.queries import hours as queries
from events_app.checkin.queries.hours import Heading, HoursPerson
from events_app.checkin.queries.recording import list_marks
from events_app.checkin.rules.attendance import stays
from events_app.checkin.rules.certificates import is_outgrown, still_holds
from events_app.checkin.rules.hours import (
    Credit,
    Presence,
    Record,
    Stays,
    Worth,
    credit,
    needs_log,
    record,
    stays_of,
)
from events_app.lib import clock
from events_app.programmes.actions.activities import own_activity
from events_app.programmes.queries.activities import ActivityRow


class Hours(msgspec.Struct, frozen=True):
    """An activity's people beside its sessions. `records` has whoever came to anything."""

    activity: ActivityRow
    worth: Worth
    headings: list[Heading]
    records: dict[int, Record]

    @property
    def qualified(self) -> list[int]:
        return [registration for registration, record in self.records.items() if record.qualifies]


class HoursLine(msgspec.Struct, frozen=True):
    """One person. `holds`: the certificate they have still holds."""

    person: HoursPerson
    record: Record
    holds: bool


async def own_hours(me: Me, code: str) -> Hours:
    """Raises NotFound for an activity that `me` does not organise."""
    activity = await own_activity(me, code)
    worth = await queries.find_worth(activity.id)
    headings = await queries.list_headings(activity.id)
    return Hours(activity, worth, headings, await records_of(activity.id, worth))


async def list_lines(
    hours: Hours, words: str, only: list[int] | None, limit: int, offset: int
) -> list[HoursLine]:
    people = await queries.list_people(hours.activity.id, words, only, limit, offset)
    return [_line(person, hours) for person in people]


async def count_outgrown(hours: Hours) -> int:
    """How many certificates would say something else if they were issued now."""
    given = await queries.list_given(hours.activity.id)
    known = [(one, hours.records.get(one.registration)) for one in given]
    return sum(own is not None and own.qualifies and is_outgrown(one, own) for one, own in known)


async def record_of(registration: int) -> tuple[Worth, Record]:
    """What one registration comes to, and by which rules."""
    activity = await queries.find_activity_of(registration)
    worth = await queries.find_worth(activity)
    found = await records_of(activity, worth, [registration])
    return worth, found.get(registration, record([], worth))


async def records_of(
    activity: int, worth: Worth, registrations: list[int] | None = None
) -> dict[int, Record]:
    """By registration; of all who came, or of these."""
    presences = await queries.list_presences(activity, registrations)
    logged = await _logged(presences)
    now = clock.now()
    credits: dict[int, list[Credit]] = defaultdict(list)
    for presence in presences:
        known = logged.get(presence.seat) or stays_of(presence)
        credits[presence.registration].append(credit(presence, known, worth, now))
    return {registration: record(own, worth) for registration, own in credits.items()}


async def _logged(presences: list[Presence]) -> dict[int, Stays]:
    """The stays of those who came back, out of the scans."""
    marks = await list_marks([presence.seat for presence in presences if needs_log(presence)])
    return {seat: stays(own) for seat, own in marks.items()}


def _line(person: HoursPerson, hours: Hours) -> HoursLine:
    own = hours.records.get(person.registration, record([], hours.worth))
    holds = person.certificate is not None and person.revoked_at is None
    return HoursLine(person, own, holds and still_holds(person, own))
