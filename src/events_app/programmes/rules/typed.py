"""Days and times of day as people type them into tables. Everything raises ValueError with a whole sentence."""

import re
import unicodedata
from datetime import date, timedelta

from events_app.lib.clock import weekday
from events_app.lib.language import gettext as _

DAY = 24 * 60  # minutes

# Longer is no day and no time, and not worth the search.
_LONGEST = 60

_EXCEL_BEGINS = date(1899, 12, 30)
_YEARS = range(2000, 2101)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日天")
_ENGLISH_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = re.compile(
    r"[\s,(\[]*(?:(?:星期|周|礼拜)(?P<zh>[一二三四五六日天])|(?P<en>mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?)[)\],]*\s*",
    re.IGNORECASE,
)
_MONTH_NAME = "(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\\.?"
_DAYS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})(?!\d)\s*[日号]?",
        r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?!\d)",
        r"(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})(?!\d)\s*[日号]?",
        r"(?P<m>\d{1,2})\s*[-/]\s*(?P<d>\d{1,2})(?![\d:/.-])",
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s-]*{_MONTH_NAME}(?:[\s,-]*(?P<y>\d{{4}}))?",
        rf"{_MONTH_NAME}\s*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:[\s,]+(?P<y>\d{{4}}))?",
        r"(?P<serial>\d{5})(?:(?=\.\d)|(?!\d))",
    )
)

_DIGITS = {digit: n for n, digit in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_CHINESE_NUMBER = re.compile("[零〇一二两三四五六七八九十]+(?=[点时分])")
_MORNING = ("上午", "早上", "早晨", "清晨", "凌晨", "am")
_NOON = ("中午",)
_AFTERNOON = ("下午", "午后", "傍晚", "晚上", "晚", "pm")
_PERIOD = "|".join((*_MORNING, *_NOON, *_AFTERNOON))
_TIME = re.compile(
    rf"(?P<before>{_PERIOD})?(?P<h>\d{{1,2}})(?:[:点时h](?:(?P<half>半)|(?P<m>\d{{1,2}})分?)?"
    rf"(?::(?P<s>\d{{1,2}})(?:\.0+)?)?|(?=am|pm)|(?P<four>\d{{2}})(?!\d))整?(?P<after>am|pm)?"
)
_UNTIL = re.compile(r"\s*[-–—~至到]+\s*")


def plain(text: str) -> str:
    """Full-width digits and signs as everybody's, one blank where several stood."""
    return " ".join(unicodedata.normalize("NFKC", text[: 2 * _LONGEST]).split())


def split_day(text: str, today: date) -> tuple[date | None, str]:
    """The day that `text` begins with, and what follows it; None when it begins with none.

    A day without its year is the next one of that name, today included.
    """
    text = plain(text)
    named, begin = _named_weekday(text, 0)
    for pattern in _DAYS:
        if found := pattern.match(text, begin):
            day = _day(found, today)
            later, end = _named_weekday(text, found.end())
            _check_weekday(day, named if later is None else later)
            return day, text[end:].lstrip(" ,T")
    return None, text


def read_day(text: str, today: date) -> date:
    day, rest = split_day(text, today)
    if day is None or rest:
        raise ValueError(_("看不懂这个日期。请写成2026-12-05或12月5日。"))
    return day


def read_times(text: str) -> tuple[int, int | None]:
    """When something starts, and when it ends if that is said too, in minutes since midnight: 9:00, 上午9点–11点半."""
    parts = _UNTIL.split(_bare(text))
    if len(parts) > 2:
        raise ValueError(_not_a_time())
    return read_time(parts[0]), read_end(*parts) if len(parts) == 2 else None


def read_end(starts: str, ends: str) -> int:
    """The end that stands beside a start on the same day: 4:30 after 下午2:30 is in the afternoon too."""
    starts = _UNTIL.split(_bare(starts))[0]
    end = read_time(ends)
    inherits = starts.startswith(_AFTERNOON) and end <= read_time(starts) and end < DAY // 2
    return end + DAY // 2 if inherits else end


def read_time(text: str) -> int:
    """Minutes since midnight, 24:00 included."""
    text = _bare(text)
    if re.fullmatch(r"0?\.\d+", text):  # as Excel counts, in days
        return round(float(text) * DAY)
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(_not_a_time())
    minute = 30 if found["half"] else int(found["m"] or found["four"] or 0)
    hour = _hour(int(found["h"]), found["before"] or found["after"] or "")
    if minute > 59 or int(found["s"] or 0) > 59 or hour * 60 + minute > DAY:
        raise ValueError(_("没有%(time)s这个时间。", time=text))
    return hour * 60 + minute


def read_whole(text: str, least: int, most: int) -> int:
    """300 · ３００人 · 1,000 · 300.0."""
    digits = re.sub(r"[\s,，]|[人名个位]$|\.0+$", "", plain(text))
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and least <= int(digits) <= most):
        raise ValueError(_("请填写%(least)s到%(most)s之间的整数。", least=least, most=most))
    return int(digits)


def _day(found: re.Match[str], today: date) -> date:
    parts = found.groupdict()
    if parts.get("serial"):
        return _in_range(_EXCEL_BEGINS + timedelta(days=int(parts["serial"])))
    name = parts.get("name")
    month = _MONTHS.index(name[:3].lower()) + 1 if name else int(parts["m"])
    day = int(parts["d"])
    if parts.get("y"):
        return _in_range(_date(int(parts["y"]), month, day))
    years = range(today.year, today.year + 9)  # 29 February may be eight years away
    coming = [d for d in (_real(year, month, day) for year in years) if d and d >= today]
    return coming[0] if coming else _date(years[0], month, day)


def _date(year: int, month: int, day: int) -> date:
    real = _real(year, month, day)
    if real is None:
        raise ValueError(_("没有%(month)s月%(day)s日这一天。", month=month, day=day))
    return real


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _in_range(day: date) -> date:
    if day.year not in _YEARS:
        raise ValueError(_("年份应在2000到2100之间。"))
    return day


def _named_weekday(text: str, begin: int) -> tuple[int | None, int]:
    """The weekday written there, and where it ends."""
    found = _WEEKDAY.match(text, begin)
    if found is None:
        return None, begin
    if found["zh"]:
        return next(n for n, names in enumerate(_WEEKDAYS) if found["zh"] in names), found.end()
    return _ENGLISH_WEEKDAYS.index(found["en"].lower()), found.end()


def _check_weekday(day: date, named: int | None) -> None:
    if named is not None and day.weekday() != named:
        raise ValueError(_("%(day)s是%(weekday)s，和写的星期不一样。", day=day, weekday=weekday(day)))


def _hour(hour: int, period: str) -> int:
    if period == "" or hour > 12:
        return hour
    if period in ("凌晨", "am"):
        return hour % 12
    if period in ("晚上", "晚") and hour == 12:
        return 24
    if period in _NOON:
        return hour if hour > 9 else hour + 12
    return hour % 12 + 12 if period in _AFTERNOON else hour


def _bare(text: str) -> str:
    """Without blanks, Chinese numbers as digits."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", text[: 2 * _LONGEST])).lower()
    if len(text) > _LONGEST:
        raise ValueError(_not_a_time())
    return _CHINESE_NUMBER.sub(lambda found: str(_number(found[0])), text)


def _number(chinese: str) -> int:
    """Up to 99: 十二, 二十, 二十三."""
    tens, ten, ones = chinese.rpartition("十")
    if not ten:
        return int("".join(str(_DIGITS[c]) for c in ones))
    return (_DIGITS.get(tens, 1) if len(tens) < 2 else 9) * 10 + (
        _DIGITS.get(ones, 0) if len(ones) < 2 else 9
    )


def _not_a_time() -> str:
    return _("看不懂这个时间。请写成9:00或下午2:30。")
