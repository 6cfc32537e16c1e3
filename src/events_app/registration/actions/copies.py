"""A whole activity once more, with what it asks and whom it lets in."""

from events_app.accounts.rules import Me
from events_app.lib.database import transaction
from events_app.programmes.actions import copies as programmes
from events_app.programmes.forms.copies import CopyForm
from events_app.registration.queries import copies as queries


async def copy_activity(me: Me, activity_code: str, form: CopyForm) -> tuple[str, str]:
    """A draft like that activity; returns its code and that of the batch of its sessions, "" without any.

    Questions and notice are those of the version that stands; nobody has agreed to them yet. Raises NotFound and
    Invalid.
    """
    async with transaction():
        code, batch = await programmes.copy_activity(me, activity_code, form)
        await queries.copy_latest_terms(activity_code, code, me.account)
        await queries.copy_eligible_units(activity_code, code)
    return code, batch
