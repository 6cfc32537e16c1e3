"""Devices that stand at doors: made, opened, changed, taken back."""

from collections.abc import Sequence

import msgspec

from events_app.accounts.actions import audit, throttle
from events_app.accounts.rules import ORGANIZING, Me
from events_app.checkin.forms.gates import GateForm
from events_app.checkin.queries import gates as queries
from events_app.checkin.queries.gates import GateLink, GateRow
from events_app.checkin.queries.sessions import OpenGate
from events_app.checkin.rules.gates import check_hours
from events_app.checkin.tables import Gate
from events_app.lib import clock, codes
from events_app.lib.database import transaction
from events_app.lib.errors import NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.lib.request_context import address

# Whoever was given a link opens it at once; whoever guesses is stopped long before one of 2^256 is found.
_GUESSES = 60
_HOUR = 3600


class Scope(msgspec.Struct, frozen=True):
    """Where a gate stands: at one session's door, or at those of all of an activity's. `code` is that one's."""

    code: str
    organization: int
    session: int | None = None
    activity: int | None = None


async def create_gate(me: Me, scope: Scope, form: GateForm) -> str:
    """A gate that waits for a device to open its link; returns its code. Raises Invalid."""
    check_hours(form.opens_at, form.closes_at, clock.now())
    async with transaction():
        code = await _add(me, scope, form)
        await audit(me, "gate.create", code, organization=scope.organization, of=scope.code, label=form.label)
    return code


async def own_gate(me: Me, code: str) -> GateRow:
    """Raises NotFound, for another union's too."""
    gate = await queries.find_own_gate(code, me.organizations(ORGANIZING))
    if gate is None:
        raise NotFound
    return gate


async def update_gate(me: Me, code: str, form: GateForm) -> None:
    """Raises NotFound, Invalid, and Refused for one that is revoked."""
    gate = await own_gate(me, code)
    check_hours(form.opens_at, form.closes_at, clock.now())
    async with transaction():
        if not await queries.set_hours(gate.id, form.label, form.opens_at, form.closes_at):
            raise Refused(_("这个签到点已经作废，不能再改。请新建一个。"), "gate_revoked")
        await audit(me, "gate.update", code, organization=gate.organization, label=form.label)


async def revoke_gate(me: Me, code: str) -> None:
    """From this moment on its device lets nobody in. Again does nothing."""
    gate = await own_gate(me, code)
    async with transaction():
        if await queries.revoke_gate(gate.id):
            await audit(me, "gate.revoke", code, organization=gate.organization)


async def renew_gate(me: Me, code: str) -> str:
    """Another link in the place of this gate, which is revoked with its device; returns the new one's code."""
    gate = await own_gate(me, code)
    if gate.closes_at <= clock.now():
        raise Refused(_("这个签到点已经过期。请先延长时间，或新建一个。"), "gate_expired")
    async with transaction():
        if not await queries.revoke_gate(gate.id):
            raise Refused(_("这个签到点已经作废，不能再换链接。请新建一个。"), "gate_revoked")
        again = GateForm(gate.label, gate.opens_at, gate.closes_at)
        new = await _add(me, _scope_of(gate), again)
        await audit(me, "gate.renew", new, organization=gate.organization, instead_of=code)
    return new


async def gate_link(link: str) -> GateLink:
    """Raises NotFound with a sentence that helps, and TooMany for an address that guesses."""
    found = await queries.find_link(link)
    if found is None:
        await throttle(f"gate-from:{address.get()}", _GUESSES, _HOUR)
        raise NotFound(
            _(
                "这个链接不能用：它已经在一台设备上打开过，或者已经换成新的、已经作废。请组织者在“签到点”页给您新的二维码。"
            ),
            "unknown_gate",
        )
    if found.closes_at <= clock.now():
        at = clock.moment_text(found.closes_at)
        raise NotFound(_("这个签到点已于%(at)s到期。还要签到时，请组织者延长时间。", at=at), "gate_expired")
    return found


async def open_gate(link: str, device: str) -> GateLink:
    """Make the device with this secret the gate, and use the link up. Raises what `gate_link` raises."""
    found = await gate_link(link)
    async with transaction():
        if not await queries.open_gate(found.id, codes.digest(device)):
            raise NotFound(
                _("别的设备刚刚用这个链接打开了签到点，一个链接只能用一次。请组织者再给您一个新的二维码。"),
                "unknown_gate",
            )
        await audit(None, "gate.open", found.code, organization=found.organization)
    return found


async def note_seen(gates: Sequence[OpenGate]) -> None:
    """Write down that these devices are there, once a minute."""
    if unseen := [gate.id for gate in gates if gate.valid and gate.unseen]:
        await queries.note_seen(unseen)


async def _add(me: Me, scope: Scope, form: GateForm) -> str:
    code = codes.new_code()
    await Gate(
        code=code,
        session=scope.session,
        activity=scope.activity,
        label=form.label,
        opens_at=form.opens_at,
        closes_at=form.closes_at,
        link=codes.new_secret(),
        created_at=clock.now(),
        created_by=me.account,
    ).save()
    return code


def _scope_of(gate: GateRow) -> Scope:
    return Scope(gate.session_code or gate.activity_code, gate.organization, gate.session, gate.activity)
