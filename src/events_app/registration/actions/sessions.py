"""What can happen to a session that people are registered for: changed, moved, called off."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec

from events_app.accounts.actions import audit
from events_app.accounts.rules import ORGANIZING, Me
from events_app.lib import clock
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.lib.language import in_both
from events_app.notifications.actions import tell
from events_app.notifications.tables import Recipient
from events_app.programmes.actions.clashes import check_clashes, find_clashes, record_accepted
from events_app.programmes.actions.guests import place_guests
from events_app.programmes.actions.invitations import reopen
from events_app.programmes.actions.sessions import read_guests, session_columns
from events_app.programmes.actions.venues import resolve_venue
from events_app.programmes.forms.sessions import SessionForm
from events_app.programmes.queries.clashes import find_planned
from events_app.programmes.queries.sessions import SessionRow, find_own_session
from events_app.programmes.queries.venues import list_venues_named
from events_app.programmes.queries.workdays import load
from events_app.programmes.rules.clashes import Clash, Planned
from events_app.programmes.tables import Session
from events_app.registration.actions.waiting import check_capacity, move_up, own_locked_session
from events_app.registration.forms import EditForm, MoveForm
from events_app.registration.queries.changes import find_touched, raise_sequence
from events_app.registration.rules.changes import (
    CLASHING,
    Merge,
    changes,
    changes_in_words,
    check_callable_off,
    check_changeable,
    check_movable,
    check_new_times,
    form_fields,
    is_overtaken,
    moved_errors,
    moved_times,
    session_fields,
)
from events_app.registration.rules.seats import takes_place
from events_app.registration.rules.telling import (
    Preview,
    Touched,
    called_off_text,
    is_moved,
    is_moved_in_time,
    moved_text,
    preview_of,
    to_invited,
    to_registered,
)


class ChangedMeanwhile(Refused):
    """Somebody else saved the session after this form was opened: `merge` holds all that is known of both."""

    def __init__(self, session: SessionRow, merge: Merge) -> None:
        super().__init__(_("您填写的时候，本场已被别人改过。请核对后再保存。"), "changed")
        self.session = session
        self.merge = merge


class PeopleTouched(Refused):
    """Nothing is saved before the organiser has seen who will be told, and what."""

    def __init__(self, preview: Preview) -> None:
        super().__init__(_("这次改动会通知下面的人。请核对后再保存。"), "touched")
        self.preview = preview


class _Undone(Exception):
    pass


@again_after_deadlock
async def change_session(me: Me, code: str, form: SessionForm, edit: EditForm | None = None) -> None:
    """New times, place or capacity. More places go to who waits; nobody who holds one loses it.

    Raises NotFound, Invalid, Refused for a session that was called off, and, with nothing saved, ClashesFound,
    ChangedMeanwhile and PeopleTouched.
    """
    edit = edit or EditForm()
    await load()  # not while others wait for us
    async with transaction():
        session = await own_locked_session(me, code)
        check_changeable(session)
        check_new_times(session, form.starts_at, form.ends_at, clock.now())
        before, knew = await own_session(me, code), await find_touched(session.id)
        was = await find_planned(session.id)
        _check_unchanged(before, form, edit)
        await check_capacity(session, form.capacity)
        form.address = await _address(before, form.venue, form.address)
        columns = await session_columns(session.organization, form, before.in_charge)
        await Session.update(columns | {Session.capacity: form.capacity}).where(Session.id == session.id)
        await place_guests(session.id, session.organization, read_guests(form.guests))
        await move_up(msgspec.structs.replace(session, ends_at=form.ends_at))
        after = await own_session(me, code)
        if changes(session_fields(before), session_fields(after)).keys() & CLASHING:
            await _accept_clashes(me, after, was, form.accepted_keys)
        await _settle(me, "session.update", before, after, knew, edit.told)


@again_after_deadlock
async def move_session(me: Me, code: str, form: MoveForm) -> None:
    """Another time or another place; whoever must know is told. Raises as `change_session` does."""
    await load()
    async with transaction():
        before, after, knew, was = await _move(me, code, form)
        changed = changes(session_fields(before), session_fields(after))
        if changed and form.sequence not in (None, before.sequence):
            raise ChangedMeanwhile(before, Merge({}, {}, {}))
        await _accept_clashes(me, after, was, form.accepted_keys)
        await _settle(me, "session.move", before, after, knew, form.told, form.reason)


@again_after_deadlock
async def preview_move(me: Me, code: str, form: MoveForm) -> tuple[Preview | None, list[Clash]]:
    """What moving would touch and clash with, None when nothing would move; it is tried and undone.

    Raises NotFound, Invalid and Refused.
    """
    await load()
    with suppress(_Undone):
        async with transaction():
            before, after, knew, was = await _move(me, code, form)
            known = await _known_clashes(after, was)
            clashes = (await find_clashes(before.organization, [await find_planned(before.id)]))[0]
            raise _Undone
    if not is_moved(before, after):
        return None, []
    preview = preview_of(moved_text(before, after, form.reason), knew, before, after)
    return preview, [clash for clash in clashes if clash.key not in known]


@again_after_deadlock
async def call_off(me: Me, code: str, reason: str, *, others_stay: bool = True) -> None:
    """The session will not take place; tickets, calendars and messages say so. Raises NotFound and Refused.

    Whoever waited for a course because this session was full moves up in the others, if they stay.
    """
    now = clock.now()
    async with transaction():
        session = await own_locked_session(me, code)
        check_callable_off(session, now)
        touched = await find_touched(session.id)
        columns: dict[Any, Any] = {Session.called_off_at: now, Session.called_off_by: me.account}
        await Session.update(columns | {Session.called_off_reason: reason}).where(Session.id == session.id)
        sequence = await raise_sequence(session.id, dated=False)
        row = await own_session(me, code)
        told = await tell_touched(row, touched, lambda: called_off_text(row, reason), off=True)
        if others_stay:
            await move_up(session)
        facts = {"reason": reason, "sequence": sequence, "told": told}
        await audit(me, "session.call_off", code, organization=session.organization, **facts)


async def own_session(me: Me, code: str) -> SessionRow:
    """Raises NotFound when there is none, or another organization's."""
    session = await find_own_session(code, me.organizations(ORGANIZING))
    if session is None:
        raise NotFound
    return session


async def _move(me: Me, code: str, form: MoveForm) -> tuple[SessionRow, SessionRow, Touched, Planned]:
    """The session as it was and as it is now, who knew it, and what it may have clashed with already."""
    now = clock.now()
    session = await own_locked_session(me, code)
    check_movable(session, now)
    check_new_times(session, form.starts_at, form.ends_at, now)
    before, was = await own_session(me, code), await find_planned(session.id)
    times = moved_times(before, form.starts_at, form.ends_at)
    if errors := moved_errors(times, now):
        raise Invalid(errors)
    address = await _address(before, form.venue, form.address)
    venue = await resolve_venue(before.organization, form.venue, address)
    moved: dict[Any, Any] = {**times, "venue": venue}
    await Session.update(moved).where(Session.id == session.id)
    return before, await own_session(me, code), await find_touched(session.id), was


def _check_unchanged(session: SessionRow, form: SessionForm, edit: EditForm) -> None:
    stored = session_fields(session)
    base = {field: edit.base.get(field, text) for field, text in stored.items()}
    merge = Merge(base, stored, form_fields(form, base))
    if is_overtaken(merge):
        raise ChangedMeanwhile(session, merge)


async def _address(before: SessionRow, venue: str, address: str) -> str:
    """What was typed; nothing where the address of the old place was left beside another place that is known."""
    left = venue != before.venue and address == before.address
    return "" if left and await list_venues_named(before.organization, venue, "") else address


async def _accept_clashes(me: Me, session: SessionRow, was: Planned, accepted: list[str]) -> None:
    """Only what is new has to be accepted: a change that has nothing to do with an old clash is not held up by it."""
    known = await _known_clashes(session, was)
    planned = await find_planned(session.id)
    clashes = await check_clashes(me, session.organization, planned, [*accepted, *known])
    new = [clash for clash in clashes if clash.key not in known]
    await record_accepted(me, session.organization, session.code, new)


async def _known_clashes(session: SessionRow, was: Planned) -> set[str]:
    return {clash.key for clash in (await find_clashes(session.organization, [was]))[0]}


async def _settle(
    me: Me, action: str, before: SessionRow, after: SessionRow, knew: Touched, shown: str, reason: str = ""
) -> None:
    """The rest of the transaction: the sequence, the messages and the audit row. Nothing when nothing changed."""
    changed = changes_in_words(before, after)
    if not changed:
        return
    sequence = await raise_sequence(before.id, dated=is_moved_in_time(before, after))
    facts: dict[str, object] = {"changes": changed, "sequence": sequence, "reason": reason}
    if is_moved(before, after) and takes_place(after, clock.now()):
        facts["told"] = await _tell_moved(before, after, knew, shown, reason)
    await audit(me, action, before.code, organization=before.organization, **facts)


async def _tell_moved(before: SessionRow, after: SessionRow, knew: Touched, shown: str, reason: str) -> int:
    touched = knew.still(await find_touched(after.id))
    say = partial(moved_text, before, after, reason)
    preview = preview_of(say(), touched, before, after)
    if touched and shown != preview.key:
        raise PeopleTouched(preview)
    told = await reopen(after.id, say)
    return len(told) + await tell_touched(after, touched.without(told), say)


async def tell_touched(
    session: SessionRow, touched: Touched, say: Callable[[], str], *, off: bool = False
) -> int:
    """How many were told."""
    registered = in_both(say if off else lambda: to_registered(say()))
    invited = in_both(say if off else lambda: to_invited(say()))
    hosts = [touched.site] if touched.site else []
    recipients = (
        (Recipient.REGISTRATION, touched.registrations, registered),
        (Recipient.GUEST, touched.guests, invited),
        (Recipient.ORGANIZATION, hosts, invited),
    )
    return sum(
        [await tell(session.organization, kind, ids, session.code, *words) for kind, ids, words in recipients]
    )
