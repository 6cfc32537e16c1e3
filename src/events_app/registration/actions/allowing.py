"""Whether people may hold seats again that they had: what is counted may have been given to others meanwhile."""

from collections import Counter
from collections.abc import Sequence

from events_app.registration.queries import LockedSession
from events_app.registration.queries import places as queries
from events_app.registration.queries.decisions import Holder
from events_app.registration.queries.taking import OpenSession, find_open_session
from events_app.registration.rules import admission as rules


async def check_allowed(session: LockedSession, people: Sequence[Holder]) -> None:
    """Under the session's lock: raises Refused where one more seat is more than a person or a unit may have."""
    ruled = await find_open_session(session.code)
    if ruled is None:
        return
    await _check_limits(ruled, people)
    if ruled.unit_quotas:
        await _check_quotas(ruled, people)


async def _check_limits(ruled: OpenSession, people: Sequence[Holder]) -> None:
    await queries.lock_people([(one.name, one.phone) for one in people])
    held = await queries.list_held_seats([one.person for one in people], ruled.activity, ruled.programme)
    for one in people:
        rules.check_limits(ruled, one.name, one.person, held, 1)


async def _check_quotas(ruled: OpenSession, people: Sequence[Holder]) -> None:
    eligible = await queries.list_eligible_names(ruled.activity)
    counted, new = Counter[str](), Counter(rules.unit_key(one.unit) for one in people)
    for row in await queries.list_unit_counts([ruled.id]):
        counted[rules.unit_key(row.unit)] += row.number
    for one in people:
        quota, key = rules.quota_of(one.unit, ruled.unit_quota, eligible), rules.unit_key(one.unit)
        rules.check_quota(one.unit, quota, counted[key], new[key])
