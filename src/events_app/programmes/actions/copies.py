"""Planning once more: chosen sessions on other days, or a whole activity like last year's."""

from collections.abc import Sequence
from datetime import timedelta

from events_app.accounts.actions import audit
from events_app.accounts.rules import Me
from events_app.lib import codes
from events_app.lib.clock import local
from events_app.lib.database import transaction
from events_app.lib.errors import Invalid
from events_app.lib.language import gettext as _
from events_app.programmes.actions.activities import own_activity
from events_app.programmes.actions.batches import create_batch
from events_app.programmes.forms.copies import CopiesForm, CopyForm
from events_app.programmes.queries import copies as queries
from events_app.programmes.queries.activities import ActivityRow
from events_app.programmes.queries.sessions import SessionRow, list_activity_sessions
from events_app.programmes.rules.copies import WEEK, Shift, copied_defaults, copied_row, days_until
from events_app.programmes.tables import BatchSource

_YEARS = range(2000, 2101)


async def copy_sessions(me: Me, activity_code: str, form: CopiesForm) -> str:
    """A batch of copies of the chosen sessions; returns its code. Raises NotFound and Invalid."""
    activity = await own_activity(me, activity_code)
    chosen = set(form.sessions)
    sessions = [s for s in await list_activity_sessions(activity.id) if s.code in chosen]
    if not sessions or len(sessions) < len(chosen):
        raise Invalid({"sessions": _("请勾选要复制的场次。")})
    return await _copy(me, activity_code, sessions, _days(form, sessions))


async def copy_activity(me: Me, activity_code: str, form: CopyForm) -> tuple[str, str]:
    """A draft like that activity; returns its code and that of the batch of its sessions, "" without any.

    Sessions that were called off are not copied. Raises NotFound and Invalid.
    """
    activity = await own_activity(me, activity_code)
    sessions = await _sessions_to_copy(activity, form)
    code = codes.new_code()
    async with transaction():
        copy = await queries.copy_activity(activity.id, code, form.title, me.account)
        await queries.copy_hosts(activity.id, copy)
        await queries.copy_picture(activity.id, copy, codes.new_code(12))
        await audit(
            me,
            "activity.copy",
            code,
            organization=activity.organization,
            copied=activity_code,
            title=form.title,
        )
        batch = await _copy(me, code, sessions, _days_until(form, sessions)) if sessions else ""
    return code, batch


async def _sessions_to_copy(activity: ActivityRow, form: CopyForm) -> list[SessionRow]:
    if not form.with_sessions:
        return []
    return [s for s in await list_activity_sessions(activity.id) if not s.called_off_at]


def _days(form: CopiesForm, sessions: Sequence[SessionRow]) -> int:
    if form.shift == Shift.FIRST:
        return _days_until(form, sessions)
    if not form.amount:
        raise Invalid({"amount": _("请填写顺延多少，提前写负数。")})
    return form.amount * (WEEK if form.shift == Shift.WEEKS else 1)


def _days_until(form: CopiesForm | CopyForm, sessions: Sequence[SessionRow]) -> int:
    if not form.first:
        raise Invalid({"first": _("请选择第一场的日期。")})
    return days_until(form.first, sessions, whole_weeks=form.whole_weeks)


async def _copy(me: Me, activity_code: str, sessions: Sequence[SessionRow], days: int) -> str:
    if any((local(s.starts_at) + timedelta(days=days)).year not in _YEARS for s in sessions):
        raise Invalid({"first": _("年份应在2000到2100之间。")})
    rows = [copied_row(session, days) for session in sessions]
    return await create_batch(me, activity_code, BatchSource.COPY, rows, copied_defaults(sessions, days))
