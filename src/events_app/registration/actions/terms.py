"""What an activity asks and what is agreed to: the version that stands now, and new ones."""

from events_app.lib import clock
from events_app.registration.queries import terms as queries
from events_app.registration.rules.terms import KEEP_DAYS, TermsVersion

# Versions never change, so they are read once by each process. By activity and number.
_known: dict[tuple[int, int], TermsVersion] = {}
_MOST_KNOWN = 500


async def terms_of(activity: int, number: int) -> TermsVersion:
    """That version; of an activity that has none yet the first one, which is made now."""
    found = await find_version(activity, number) if number else None
    if found is None and number <= 1:  # whoever registers before there is any is registered under the first
        found = await _first(activity)
    assert found
    return found


async def find_version(activity: int, number: int) -> TermsVersion | None:
    """That version, if there is one."""
    if found := _known.get((activity, number)):
        return found
    found = await queries.find_terms(activity, number)
    if found:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[activity, number] = found
    return found


async def latest_terms(activity: int) -> TermsVersion:
    """The version that stands now."""
    return await queries.find_latest_terms(activity) or await _first(activity)


async def _first(activity: int) -> TermsVersion:
    await queries.add_terms(TermsVersion(activity, 1, [], "", "", "", KEEP_DAYS, clock.now()), None)
    first = await find_version(activity, 1)
    assert first
    return first
