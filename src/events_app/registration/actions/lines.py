"""An organiser moves somebody who waits, for a reason that is kept."""

from collections.abc import Sequence

from events_app.accounts.actions import audit
from events_app.accounts.rules import Me
from events_app.lib import clock
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.lib.language import in_both
from events_app.notifications.actions import tell
from events_app.notifications.tables import Recipient
from events_app.registration.actions.waiting import give_places, move_up, own_locked_session
from events_app.registration.forms import LineForm, LineTarget
from events_app.registration.queries.waiting import (
    LockedSession,
    Room,
    list_lines,
    list_room,
    mark_moved,
    renumber,
)
from events_app.registration.rules.offers import moved_in_line_text, passed_text
from events_app.registration.rules.seats import takes_place
from events_app.registration.rules.waiting import Waiting, has_room, position_of, reordered


@again_after_deadlock
async def move_in_line(me: Me, code: str, seat: int, form: LineForm) -> None:
    """To another position, or into a place that is free though others wait; the party and the course go along.

    The reason, and whom they passed, are written down; who moved and who was passed is told. Raises NotFound and
    Refused, and Invalid without a position.
    """
    if form.to == LineTarget.POSITION and not form.position:
        raise Invalid({"position": _("请填写要移到第几位，从1开始。")})
    async with transaction():
        session = await own_locked_session(me, code)
        rooms = [room for room in await list_room(session.along) if takes_place(room, clock.now())]
        lines = await list_lines([room.id for room in rooms])
        moved = next((one for one in lines.get(session.id, ()) if one.seat == seat), None)
        if moved is None:
            raise NotFound(_("这个人已经不在候补名单上。请回到名单刷新再看。"))
        before, line = position_of(moved, lines[session.id]), lines[session.id]
        if form.to == LineTarget.PLACE:
            after, passed = 0, await _into_places(session, rooms, lines, moved, form.reason)
        else:
            after, passed = await _to_position(session, rooms, lines, moved, form)
        await _record(me, session, moved, form.reason, before, after, passed)
        await _tell_passed(session, rooms, [one for one in line if one.seat in passed])
        await move_up(session)


async def _into_places(
    session: LockedSession, rooms: list[Room], lines: dict[int, list[Waiting]], moved: Waiting, reason: str
) -> list[int]:
    group = [one for line in lines.values() for one in line if one.group == moved.group]
    if not has_room(group, {room.id: room.free for room in rooms}):
        raise Refused(_("现在没有足够的空余名额。请先增加名额，或把这个人移到候补第1位。"), "no_room")
    await give_places(session, rooms, group, clock.now())
    await mark_moved([one.seat for one in group], reason)
    line = lines[session.id]
    return [one.seat for one in line[: position_of(moved, line) - 1]]


async def _to_position(
    session: LockedSession,
    rooms: list[Room],
    lines: dict[int, list[Waiting]],
    moved: Waiting,
    form: LineForm,
) -> tuple[int, list[int]]:
    """The new position, and who stands behind the moved one now and did not before."""
    for line in lines.values():
        own = [one for one in line if one.group == moved.group]
        if own:
            await renumber(line[0].session, reordered(line, own[0], form.position or 1), line)
            await mark_moved([one.seat for one in own], form.reason)
    line = lines[session.id]
    fresh = reordered(line, moved, form.position or 1)
    after = position_of(moved, fresh)
    ahead = line[: position_of(moved, line) - 1]
    still = {one.seat for one in fresh[: after - 1]}
    own = [one for one in line if one.group == moved.group]
    room = next(room for room in rooms if room.id == session.id)
    words = in_both(lambda: moved_in_line_text(room, after, form.reason))
    await _tell(session, room, own, words)
    return after, [one.seat for one in ahead if one.seat not in still and one.group != moved.group]


async def _record(
    me: Me, session: LockedSession, moved: Waiting, reason: str, before: int, after: int, passed: list[int]
) -> None:
    facts = {"seat": moved.seat, "reason": reason, "from": before, "to": after, "passed": passed}
    await audit(me, "session.line", session.code, organization=session.organization, **facts)


async def _tell_passed(session: LockedSession, rooms: list[Room], passed: Sequence[Waiting]) -> None:
    room = next(room for room in rooms if room.id == session.id)
    await _tell(session, room, passed, in_both(lambda: passed_text(room)))


async def _tell(session: LockedSession, room: Room, whom: Sequence[Waiting], words: tuple[str, str]) -> None:
    registrations = sorted({one.registration for one in whom})
    await tell(session.organization, Recipient.REGISTRATION, registrations, room.code, *words)
