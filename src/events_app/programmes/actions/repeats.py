"""Planning by a rule: its days become a batch, which is looked through before anything is saved."""

from datetime import timedelta

from events_app.accounts.rules import Me
from events_app.lib.errors import Invalid
from events_app.lib.language import gettext as _
from events_app.programmes.actions.activities import own_activity
from events_app.programmes.actions.batches import create_batch
from events_app.programmes.forms.repeats import End, RepeatForm
from events_app.programmes.queries.workdays import find_workdays
from events_app.programmes.rules.repeats import (
    HORIZON,
    MOST_DAYS,
    Frequency,
    OnHoliday,
    Plan,
    PlannedDay,
    Repeat,
    plan_days,
    unsettled_years,
)
from events_app.programmes.rules.rows import Defaults, Row
from events_app.programmes.rules.workdays import Workdays
from events_app.programmes.tables import BatchSource


async def create_repeat(me: Me, activity_code: str, form: RepeatForm) -> str:
    """A batch of the days that the rule names; returns its code. Raises NotFound and Invalid."""
    activity = await own_activity(me, activity_code)
    calendar = await find_workdays(activity.organization)
    repeat = _repeat(form)
    plan = plan_days(repeat, calendar)
    _check(repeat, plan)
    defaults = _defaults(form, [*_hints(repeat, plan, calendar), *plan.left_out])
    rows = [_row(planned, form) for planned in plan.days]
    return await create_batch(me, activity_code, BatchSource.REPEAT, rows, defaults)


def _repeat(form: RepeatForm) -> Repeat:
    """Raises Invalid when the end that was chosen is missing or lies before the beginning."""
    until = form.until if form.end == End.UNTIL else None
    count = form.count if form.end == End.COUNT else None
    if "" in (until, count):
        field = "until" if until == "" else "count"
        raise Invalid({field: _("请填写到哪一天，或者一共多少场。")})
    return Repeat(
        form.first,
        form.frequency,
        form.interval,
        tuple(int(weekday) for weekday in form.weekdays),
        int(form.nth),
        int(form.weekday),
        form.month_day or form.first.day,
        until=until or None,
        count=count or None,
        on_holiday=form.on_holiday,
    )


def _check(repeat: Repeat, plan: Plan) -> None:
    """Raises Invalid for a rule that names no day, too many, or that needs too many years."""
    years = HORIZON.days // 366
    if repeat.until and repeat.until - repeat.first > HORIZON:
        raise Invalid({"until": _("结束日期最多在开始后的%(years)s年内。", years=years)})
    if len(plan.days) > MOST_DAYS:
        raise Invalid({"until": _("按这个规则超过%(most)s场，请把结束日期提前。", most=MOST_DAYS)})
    if repeat.count and len(plan.days) < repeat.count:
        count = len(plan.days)
        sentence = _("按这个规则，%(years)s年内只有%(count)s场，请减少场数。", years=years, count=count)
        raise Invalid({"count": sentence})
    if not plan.days:
        raise Invalid({"until": "".join([_("到这一天为止，按这个规则一场也没有。"), *plan.left_out[:3]])})


def _defaults(form: RepeatForm, remarks: list[str]) -> Defaults:
    return Defaults(
        opens_at=form.opens_at,
        waiting_list=form.waiting_list,
        check_in_lead=form.check_in_lead,
        venue=form.venue,
        address=form.address,
        capacity=str(form.capacity),
        starts=f"{form.starts:%H:%M}",
        ends=f"{form.ends:%H:%M}" if form.ends > form.starts else "",
        remarks=remarks,
    )


def _hints(repeat: Repeat, plan: Plan, calendar: Workdays) -> list[str]:
    """What may still change: a year whose weekends to be worked nobody has announced to us."""
    if repeat.on_holiday == OnHoliday.KEEP and repeat.frequency != Frequency.WORKDAYS:
        return []
    years = unsettled_years([planned.day for planned in plan.days], calendar)
    return [
        _(
            "%(year)s年的调休安排还没有收录，现在只按法定节假日计算。公布后请在“设置”里补上，再核对这一年的日期。",
            year=year,
        )
        for year in years
    ]


def _row(planned: PlannedDay, form: RepeatForm) -> Row:
    """A session that ends not later than it begins ends on the next day."""
    next_day = planned.day + timedelta(days=1)
    return {
        "day": planned.day.isoformat(),
        "starts": f"{form.starts:%H:%M}",
        "ends": f"{form.ends:%H:%M}" if form.ends > form.starts else f"{next_day} {form.ends:%H:%M}",
        "venue": form.venue,
        "address": form.address,
        "site": form.site,
        "capacity": str(form.capacity),
        "title": form.title,
        "guests": form.guests,
        "note": planned.note,
    }
