"""Deciding how a union plans."""

from events_app.accounts.actions import audit
from events_app.accounts.rules import ORGANIZING, Me, Member
from events_app.accounts.tables import Role
from events_app.lib.database import transaction
from events_app.lib.errors import Forbidden, NotFound
from events_app.programmes.forms.settings import PolicyForm
from events_app.programmes.queries.policies import PolicyRow, save_policy


async def update_policy(me: Me, form: PolicyForm) -> None:
    """Raises NotFound for an organization that `me` does not organise for, and Forbidden for who does not own it."""
    member = owned(me, form.organization)
    policy = PolicyRow(form.travel_speed, form.reviews)
    async with transaction():
        await save_policy(member.organization, policy)
        await audit(
            me,
            "policy.update",
            member.code,
            organization=member.organization,
            travel_speed=policy.travel_speed,
            reviews=policy.reviews,
        )


def organized(me: Me, code: str) -> Member:
    """The membership in that organization, or in the first one when `code` is ""; raises NotFound."""
    organizing = [m for m in me.memberships if m.role in ORGANIZING and code in ("", m.code)]
    owning = [m for m in organizing if m.role == Role.OWNER and m.code == organizing[0].code]
    found = [*owning, *organizing]
    if not found:
        raise NotFound
    return found[0]


def owned(me: Me, code: str) -> Member:
    """Raises NotFound, and Forbidden for an organiser who is no owner."""
    member = organized(me, code)
    if member.role != Role.OWNER:
        raise Forbidden
    return member
