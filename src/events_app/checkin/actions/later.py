"""Adding afterwards (补录) that people came who were not checked in."""

from uuid import NAMESPACE_URL, uuid5

from events_app.accounts.actions import audit
from events_app.accounts.rules import Me
from events_app.checkin.actions.afterwards import Recorded, record_people
from events_app.checkin.forms.later import LaterForm
from events_app.checkin.queries.admitting import Scan
from events_app.checkin.queries.rosters import Line, list_picked
from events_app.checkin.rules.later import check_begun, check_coming
from events_app.checkin.tables import Direction
from events_app.lib import clock
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Invalid
from events_app.lib.language import gettext as _
from events_app.lib.request_context import address, request_id
from events_app.programmes.queries.sessions import SessionRow
from events_app.registration.tables import Evidence, SeatState


@again_after_deadlock
async def add_later(me: Me, session: SessionRow, form: LaterForm) -> Recorded:
    """Who is known to have come already is left as they are. Raises Refused and Invalid."""
    check_begun(session, clock.now())
    lines = await list_picked(session.id, form.seat)
    _check(session, form, lines)
    scans = {line.seat: _coming(me, session, form, line) for line in lines}
    async with transaction():
        added = await record_people(scans)
        if added.came:
            detail = {"came": added.came, "at": form.at, "reason": form.reason}
            await audit(me, "seat.later", session.code, organization=session.organization, **detail)
    return added


def _check(session: SessionRow, form: LaterForm, lines: list[Line]) -> None:
    """All that is wrong at once."""
    errors: dict[str, str] = {}
    try:
        check_coming(session, form.at, clock.now())
    except Invalid as invalid:
        errors |= invalid.errors
    if not form.reason:
        errors["reason"] = _("请写明补录的原因，例如“手机没电，同组的人证明他到了”。原因会一直留在记录里。")
    if not form.seat:
        errors["seat"] = _("请勾选要补录的人。")
    elif len(lines) < len(set(form.seat)) or any(line.state != SeatState.CONFIRMED for line in lines):
        errors["seat"] = _("勾选的人里有人现在没有名额，不能补录。请核对名单，再勾选一次。")
    if errors:
        raise Invalid(errors)


def _coming(me: Me, session: SessionRow, form: LaterForm, line: Line) -> Scan:
    return Scan(
        session=session.code,
        ticket=line.ticket,
        nonce=uuid5(NAMESPACE_URL, f"later {form.nonce} {line.seat}").hex,
        direction=Direction.IN,
        at=max(form.at, session.starts_at),
        evidence=Evidence.LATER,
        account=me.account,
        reason=form.reason,
        address=address.get(),
        request_id=request_id.get(),
    )
