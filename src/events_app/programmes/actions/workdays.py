"""Keeping a union's own days off and days worked."""

from datetime import date, timedelta

from events_app.accounts.actions import audit
from events_app.accounts.rules import Me
from events_app.lib.database import transaction
from events_app.lib.errors import Invalid
from events_app.lib.language import gettext as _
from events_app.programmes.actions.policies import owned
from events_app.programmes.forms.settings import DayForm, DaysForm
from events_app.programmes.queries import workdays as queries

_MOST_DAYS = 31


async def save_days(me: Me, form: DaysForm) -> None:
    """Days on which the union differs from the table; raises NotFound, Forbidden and Invalid."""
    member = owned(me, form.organization)
    days = _days(form.first, form.last or form.first)
    async with transaction():
        await queries.save_own_days(member.organization, days, form.works, form.name)
        await audit(
            me,
            "workday.save",
            form.first.isoformat(),
            organization=member.organization,
            last=days[-1].isoformat(),
            works=form.works,
            name=form.name,
        )


async def remove_day(me: Me, form: DayForm) -> None:
    """The table counts again on this day; raises NotFound and Forbidden."""
    member = owned(me, form.organization)
    async with transaction():
        if await queries.remove_own_day(member.organization, form.day):
            await audit(me, "workday.remove", form.day.isoformat(), organization=member.organization)


def _days(first: date, last: date) -> list[date]:
    if last < first:
        raise Invalid({"last": _("最后一天不能早于第一天。")})
    if (last - first).days >= _MOST_DAYS:
        raise Invalid({"last": _("一次最多%(most)s天。", most=_MOST_DAYS)})
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
