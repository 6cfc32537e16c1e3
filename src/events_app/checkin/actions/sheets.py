"""Sheets for signatures: printed before, typed in afterwards."""

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

import msgspec

from events_app.accounts.actions import audit
from events_app.accounts.rules import Me
from events_app.checkin.actions.afterwards import Recorded, record_people
from events_app.checkin.actions.rosters import Hand, scan_by
from events_app.checkin.forms.sheets import SignaturesForm
from events_app.checkin.queries import sheets as queries
from events_app.checkin.queries.admitting import Scan
from events_app.checkin.queries.sheets import Sheet, SheetLine
from events_app.checkin.rules.sheets import check_blanks, check_time, numbers_on, within_minute
from events_app.checkin.tables import Direction
from events_app.lib import clock, codes
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Invalid, NotFound
from events_app.lib.language import gettext as _
from events_app.programmes.queries.sessions import SessionRow
from events_app.registration.tables import Evidence


async def make_sheet(me: Me, session: SessionRow, blanks: int) -> str:
    """Of those who have a place at this moment; returns its code. Raises Invalid for one without a line."""
    code = codes.new_code()
    async with transaction():
        people = await queries.add_sheet(code, session.id, blanks, me.account)
        check_blanks(people, blanks)
        subject = f"{session.code}/{code}"
        await audit(me, "sheet.create", subject, organization=session.organization, people=people)
    return code


async def sheet_of(session: int, code: str) -> Sheet:
    """Raises NotFound, for another session's too."""
    sheet = await queries.find_sheet(session, code)
    if sheet is None:
        raise NotFound(_("没有这张签到表，请核对二维码。"), "unknown")
    return sheet


async def lines_of(sheet: Sheet, page: int) -> list[SheetLine]:
    """The lines with names on that page; raises NotFound for a page that the sheet does not have."""
    numbers = numbers_on(page, sheet.people, sheet.blanks)
    if not numbers:
        raise NotFound(_("这张签到表没有这一页，请核对二维码。"), "unknown")
    return await queries.list_sheet_lines(sheet.id, numbers)


@again_after_deadlock
async def type_in(me: Me | None, hand: Hand, sheet: Sheet, page: int, form: SignaturesForm) -> Recorded:
    """Who signed has come; who came by another way before is left as they are. Raises Invalid.

    The same page typed by two people, or sent twice, counts once.
    """
    lines = {line.seat: line for line in await lines_of(sheet, page)}
    check_time(hand.session, form.at, clock.now())
    if not set(form.seat) <= set(lines):
        raise Invalid({"seat": _("勾选的人不在这一页上。请刷新本页，再勾选一次。")})
    at = within_minute(form.at, hand.session.starts_at)
    scans = {seat: _signature(hand, sheet, lines[seat], at, form.turn) for seat in form.seat}
    async with transaction():
        typed = await record_people(scans)
        if typed.came:
            subject = f"{hand.session.code}/{sheet.code}/{page}"
            detail = {"came": typed.came, "at": at, "gate": hand.session.gate}
            await audit(me, "sheet.type_in", subject, organization=sheet.organization, **detail)
    return typed


def _signature(hand: Hand, sheet: Sheet, line: SheetLine, at: datetime, turn: int) -> Scan:
    nonce = uuid5(NAMESPACE_URL, f"sheet {sheet.code} {line.seat} {turn}").hex
    return msgspec.structs.replace(scan_by(hand, line, nonce, Direction.IN), at=at, evidence=Evidence.PAPER)
