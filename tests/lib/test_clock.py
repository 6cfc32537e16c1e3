"""Dates as people in Shanghai read them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from events_app.lib import clock
from events_app.lib.language import current

MORNING = datetime(2026, 12, 5, 1, 0, tzinfo=UTC)
HOURS = timedelta(hours=2)


@pytest.fixture
def english() -> Iterator[None]:
    before = current.set("en")
    yield
    current.reset(before)


def test_moment_in_chinese() -> None:
    assert clock.moment_text(MORNING) == "2026年12月5日（周六）09:00"


def test_span_in_chinese() -> None:
    assert clock.span_text(MORNING, MORNING + HOURS) == "2026年12月5日（周六）09:00–11:00"


def test_moment_in_english(english: None) -> None:
    assert clock.moment_text(MORNING) == "Sat 5 Dec 2026, 09:00"


def test_span_in_english(english: None) -> None:
    assert clock.span_text(MORNING, MORNING + HOURS) == "Sat 5 Dec 2026, 09:00–11:00"


def test_span_over_midnight_names_both_days() -> None:
    evening = datetime(2026, 12, 5, 14, 0, tzinfo=UTC)

    assert (
        clock.span_text(evening, evening + 2 * HOURS)
        == "2026年12月5日（周六）22:00 – 2026年12月6日（周日）02:00"
    )


def test_evening_in_utc_is_the_next_day_in_shanghai() -> None:
    assert (
        clock.day_text(clock.local(datetime(2026, 12, 31, 16, 0, tzinfo=UTC)).date())
        == "2027年1月1日（周五）"
    )


def test_day_of_a_moment_is_that_of_shanghai() -> None:
    assert clock.day_text(datetime(2026, 12, 4, 22, 0, tzinfo=UTC)) == "2026年12月5日（周六）"
    assert clock.short_day_text(datetime(2026, 12, 4, 22, 0, tzinfo=UTC)) == "12月5日"


def test_field_text_is_what_the_browser_takes() -> None:
    assert clock.field_text(MORNING) == "2026-12-05T09:00"


def test_midnight_is_shanghais() -> None:
    assert clock.midnight(date(2026, 12, 5)) == datetime(2026, 12, 4, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "bounds"),
    [
        (date(2026, 12, 31), (date(2026, 12, 1), date(2027, 1, 1))),
        (date(2028, 2, 29), (date(2028, 2, 1), date(2028, 3, 1))),
    ],
)
def test_month_bounds(day: date, bounds: tuple[date, date]) -> None:
    assert clock.month_bounds(day) == bounds


def test_now_knows_its_zone() -> None:
    assert clock.now().tzinfo is UTC
