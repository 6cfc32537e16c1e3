"""An organiser's calendar: what its address asks for, which days that is, and the ways on from there."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

import msgspec

from events_app.lib.clock import day_text, month_bounds, month_text, short_day_text
from events_app.lib.language import gettext as _
from events_app.programmes.rules.activities import kind_name
from events_app.programmes.tables import Kind
from events_app.schedules.rules.schedule import Query

ADDRESS = "/manage/calendar"
_AGENDA_DAYS = 28


class View(StrEnum):
    """In the order of their keys, 1 to 6."""

    MONTH = "month"
    WEEK = "week"
    AGENDA = "agenda"
    VENUES = "venues"
    GUESTS = "guests"
    SITES = "sites"


class Shown(StrEnum):
    """Which sessions, by where they stand."""

    DRAFT = "draft"
    PUBLISHED = "published"
    POSTPONED = "postponed"
    CALLED_OFF = "called_off"


class Asked(msgspec.Struct, frozen=True):
    """Codes of what the calendar is narrowed to; empty means everything. `in_charge` is an account's id."""

    view: View
    day: date
    words: str = ""
    activity: str = ""
    state: str = ""
    kind: str = ""
    venue: str = ""
    guest: str = ""
    site: str = ""
    in_charge: str = ""

    @property
    def filters(self) -> Query:
        return tuple((name, value) for name in FILTERS if (value := getattr(self, name)))

    @property
    def each_word(self) -> list[str]:
        return self.words.lower().split()[:6]

    @property
    def bounds(self) -> tuple[date, date]:
        """The first day that is shown and the first that is not."""
        if self.view is View.MONTH:
            return month_bounds(self.day)
        if self.view is View.AGENDA:
            return self.day, self.day + timedelta(days=_AGENDA_DAYS)
        monday = self.day - timedelta(days=self.day.weekday())
        return monday, monday + timedelta(days=7)

    def address(self, view: View | None = None, day: date | None = None) -> str:
        pairs = [("view", view or self.view), ("date", (day or self.day).isoformat()), *self.filters]
        return f"{ADDRESS}?{urlencode(pairs)}"


FILTERS = ("words", "activity", "state", "kind", "venue", "guest", "site", "in_charge")
# Those whose values are rows of one's own.
CHOICES = ("activity", "venue", "guest", "site", "in_charge")


class Choice(msgspec.Struct, frozen=True):
    """Something that a filter of that name can be set to."""

    field: str
    value: str
    text: str


Choices = dict[str, list[tuple[str, str]]]


def choices(found: list[Choice]) -> Choices:
    """By filter, the options of its list."""
    options: Choices = {
        "activity": [("", _("全部活动"))],
        "venue": [("", _("全部场地"))],
        "guest": [("", _("全部嘉宾"))],
        "site": [("", _("全部单位"))],
        "in_charge": [("", _("全部负责人"))],
    }
    for choice in found:
        options[choice.field].append((choice.value, choice.text))
    options["kind"] = [("", _("全部类型")), *((kind.value, kind_name(kind)) for kind in Kind)]
    options["state"] = [("", _("全部状态")), *((each.value, _shown_name(each)) for each in Shown)]
    return options


def without_foreign(asked: Asked, options: Choices) -> Asked:
    """Whatever is not one's own was never asked for."""
    foreign = {
        name: "" for name in CHOICES if getattr(asked, name) not in (value for value, _text in options[name])
    }
    return msgspec.structs.replace(asked, **foreign) if foreign else asked


def views(asked: Asked) -> list[dict[str, Any]]:
    names = {
        View.MONTH: _("月"),
        View.WEEK: _("周"),
        View.AGENDA: _("列表"),
        View.VENUES: _("场地"),
        View.GUESTS: _("嘉宾"),
        View.SITES: _("接待单位"),
    }
    return [
        {"href": asked.address(view), "text": name, "key": str(key), "current": view is asked.view}
        for key, (view, name) in enumerate(names.items(), 1)
    ]


def ways(asked: Asked, today: date) -> dict[str, Any]:
    """To what comes before and after, and to today; `here` when today is among the days that are shown."""
    first, following = asked.bounds
    back, on = (_by_month if asked.view is View.MONTH else _by_week)(asked.day)
    return {
        "previous": asked.address(day=back),
        "next": asked.address(day=on),
        "today": asked.address(day=today),
        "here": first <= today < following,
    }


def day_path(asked: Asked) -> str:
    """The agenda's address, with its first day to be written behind it."""
    return f"{ADDRESS}?{urlencode([*asked.filters, ('view', View.AGENDA), ('date', '')])}"


def cleared(asked: Asked) -> str:
    """The same days with nothing left out."""
    return Asked(asked.view, asked.day).address()


def period(asked: Asked) -> str:
    """What the shown days are called."""
    first, following = asked.bounds
    if asked.view is View.MONTH:
        return month_text(first)
    if asked.view is View.AGENDA:
        return _("%(day)s起", day=day_text(first))
    last = following - timedelta(days=1)
    return _(
        "%(year)s年%(first)s – %(last)s",
        year=first.year,
        first=short_day_text(first),
        last=short_day_text(last),
    )


def _by_month(day: date) -> tuple[date, date]:
    first, following = month_bounds(day)
    return (first - timedelta(days=1)).replace(day=1), following


def _by_week(day: date) -> tuple[date, date]:
    return day - timedelta(days=7), day + timedelta(days=7)


def _shown_name(state: Shown) -> str:
    names = {
        Shown.DRAFT: _("未发布"),
        Shown.PUBLISHED: _("已发布"),
        Shown.POSTPONED: _("已延期"),
        Shown.CALLED_OFF: _("已取消"),
    }
    return names[state]
