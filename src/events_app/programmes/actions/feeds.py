"""Giving out private calendar addresses, and taking them back."""

import msgspec

from events_app.accounts.actions import audit
from events_app.accounts.rules import Me
from events_app.lib import codes
from events_app.lib.database import transaction
from events_app.lib.errors import NotFound
from events_app.programmes.actions.guests import own_guest
from events_app.programmes.queries import feeds as queries


class Owner(msgspec.Struct, frozen=True):
    """Whose calendar it is: a guest's, or an organization's; `within` is the organization that it is audited in."""

    code: str
    within: int
    guest: int | None = None
    organization: int | None = None


async def guests_calendar(me: Me, code: str) -> Owner:
    """Of a guest whom `me` organises for; raises NotFound."""
    guest = await own_guest(me, code)
    return Owner(code, guest.organization, guest=guest.id)


def organizations_calendar(me: Me, code: str) -> Owner:
    """Of an organization that `me` is a member of, in any role; raises NotFound."""
    for member in me.memberships:
        if member.code == code:
            return Owner(code, member.organization, organization=member.organization)
    raise NotFound


async def renew_feed(me: Me, owner: Owner) -> None:
    """A new address; the one before, if there was any, opens nothing from now on."""
    async with transaction():
        await queries.lock_owner(owner.guest, owner.organization)
        await queries.revoke(owner.guest, owner.organization)
        await queries.add_feed(owner.guest, owner.organization, codes.new_secret())
        await audit(me, "feed.create", owner.code, organization=owner.within)


async def revoke_feed(me: Me, owner: Owner) -> None:
    async with transaction():
        if await queries.revoke(owner.guest, owner.organization):
            await audit(me, "feed.revoke", owner.code, organization=owner.within)
