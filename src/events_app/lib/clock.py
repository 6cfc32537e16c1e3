"""Now, the zone people live in, and dates as they read them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from events_app.lib.language import current, is_english

ZONE = ZoneInfo("Asia/Shanghai")

# Our own: strftime's names are those of the process's locale, not the reader's.
_WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    return now().astimezone(ZONE).date()


def local(moment: datetime) -> datetime:
    return moment.astimezone(ZONE)


def midnight(day: date) -> datetime:
    """The moment at which `day` begins in Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def month_bounds(day: date) -> tuple[date, date]:
    """The first day of the month of `day`, and the first of the next."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def weekday(day: date) -> str:
    return _WEEKDAYS[current.get()][day.weekday()]


def weekday_names() -> tuple[str, ...]:
    """All seven, Monday first."""
    return _WEEKDAYS[current.get()]


def day_text(day: date) -> str:
    """2026年12月5日（周六） · Sat 5 Dec 2026; a moment's day is that of Shanghai."""
    if isinstance(day, datetime):
        day = local(day).date()
    if is_english():
        return f"{weekday(day)} {short_day_text(day)} {day.year}"
    return f"{day.year}年{short_day_text(day)}（{weekday(day)}）"


def date_text(day: date) -> str:
    """2026年12月5日 · 5 Dec 2026; a moment's day is that of Shanghai."""
    year = (local(day) if isinstance(day, datetime) else day).year
    return f"{short_day_text(day)} {year}" if is_english() else f"{year}年{short_day_text(day)}"


def short_day_text(day: date) -> str:
    """12月5日 · 5 Dec; a moment's day is that of Shanghai."""
    if isinstance(day, datetime):
        day = local(day).date()
    return f"{day.day} {_MONTHS[day.month - 1][:3]}" if is_english() else f"{day.month}月{day.day}日"


def month_text(day: date) -> str:
    """2026年12月 · December 2026."""
    return f"{_MONTHS[day.month - 1]} {day.year}" if is_english() else f"{day.year}年{day.month}月"


def time_text(moment: datetime) -> str:
    return f"{local(moment):%H:%M}"


def second_text(moment: datetime) -> str:
    return f"{local(moment):%H:%M:%S}"


def moment_text(moment: datetime) -> str:
    """2026年12月5日（周六）09:00 · Sat 5 Dec 2026, 09:00."""
    return f"{day_text(local(moment).date())}{comma()}{time_text(moment)}"


def hours_text(start: datetime, end: datetime) -> str:
    """09:00–11:00, with the day of the end when it is another one."""
    same_day = local(start).date() == local(end).date()
    return f"{time_text(start)}–{time_text(end)}" if same_day else f"{time_text(start)} – {moment_text(end)}"


def field_text(moment: datetime) -> str:
    """As <input type=datetime-local> takes it."""
    return f"{local(moment):%Y-%m-%dT%H:%M}"


def span_text(start: datetime, end: datetime) -> str:
    """2026年12月5日（周六）09:00–11:00; the second day is named when it is another one."""
    if local(start).date() == local(end).date():
        return f"{moment_text(start)}–{time_text(end)}"
    return f"{moment_text(start)} – {moment_text(end)}"


def comma() -> str:
    """What stands between a day and its hours."""
    return ", " if is_english() else ""
