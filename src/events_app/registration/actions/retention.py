"""What is personal is erased: when its time is over, or when whoever registered wants it gone."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

import msgspec

from events_app.lib import clock
from events_app.lib.codes import digest
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import NotFound, Refused
from events_app.notifications.actions import forget
from events_app.notifications.tables import Recipient
from events_app.registration.actions.mine import cancellable
from events_app.registration.actions.waiting import cancel
from events_app.registration.queries import erasure as queries
from events_app.registration.queries.erasure import Kept, Retention
from events_app.registration.queries.terms import find_terms
from events_app.registration.rules.retention import Outlook, is_due, outlook, questions_due
from events_app.registration.rules.terms import KEEP_DAYS, TermsVersion

_BATCH = 1000


class Erased(msgspec.Struct):
    """How many registrations lost all that is personal, and how many only answers that are kept for a shorter time."""

    registrations: int = 0
    answers: int = 0


async def erase_due(
    now: datetime | None = None, report: Callable[[int, int], None] = lambda _done, _total: None
) -> Erased:
    """Everything whose time is over. Done again it finds nothing; stopped half-way it goes on where it was."""
    now = now or clock.now()
    due, erased = await queries.list_due(now), Erased()
    for done, activity in enumerate(due):
        report(done, len(due))
        await _erase_activity(activity, now, erased)
    report(len(due), len(due))
    return erased


async def retention_of(activity: int) -> Outlook:
    """For those who organise it; there is such an activity."""
    found = await queries.find_retention(activity)
    assert found
    return outlook(found)


async def delete_mine(phone_secret: str) -> int:
    """What was registered with this phone: places are given back, then everything personal goes; how many there were.

    Stopped half-way it can be done again.
    """
    phone = digest(phone_secret)
    for ticket, session in await cancellable(phone, clock.now()):
        with suppress(Refused, NotFound):  # given back, attended or over meanwhile
            await cancel(ticket, session)
    mine = await queries.list_phones_registrations(phone)
    for first in range(0, len(mine), _BATCH):
        await _erase(mine[first : first + _BATCH])
    return len(mine)


async def _erase_activity(activity: Retention, now: datetime, erased: Erased) -> None:
    versions: dict[int, TermsVersion | None] = {}
    after = 0
    while batch := await queries.list_kept(activity.activity, after, _BATCH):
        after = batch[-1].person
        for number in {kept.terms for kept in batch} - versions.keys():
            versions[number] = await find_terms(activity.activity, number)
        await _erase_batch(activity, batch, versions, now, erased)
    assert activity.ended_at
    if is_due(activity.ended_at, max(activity.keep_days), now):
        await queries.erase_rosters(activity.activity)
    await queries.note_erased(activity.activity, now)


async def _erase_batch(
    activity: Retention,
    batch: Sequence[Kept],
    versions: dict[int, TermsVersion | None],
    now: datetime,
    erased: Erased,
) -> None:
    assert activity.ended_at
    for number in {kept.terms for kept in batch}:
        terms, ids = versions[number], [kept.id for kept in batch if kept.terms == number]
        if is_due(activity.ended_at, terms.keep_days if terms else KEEP_DAYS, now):
            erased.registrations += await _erase(ids)
        elif terms and (codes := questions_due(terms, activity.ended_at, now)):
            erased.answers += await queries.erase_answers(ids, codes)


@again_after_deadlock
async def _erase(registrations: Sequence[int]) -> int:
    async with transaction():
        persons = await queries.lock_persons(registrations)
        erased = await queries.erase(registrations)
        await queries.delete_persons(persons)
        await forget(Recipient.REGISTRATION, erased)
        return len(erased)
