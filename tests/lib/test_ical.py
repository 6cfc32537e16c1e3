"""What a calendar program reads, whatever people wrote."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from events_app.lib.ical import Entry, calendar

NINE = datetime(2026, 12, 5, 1, tzinfo=UTC)
NASTY = st.text(
    st.sampled_from("\r\n\x00\x0b\x1b\x7f\x85\u2028\ud800;,:\\\"'=𬱖㛃·工会活动aZ 　"), max_size=120
)


def make_entry(**fields: Any) -> Entry:
    usual: dict[str, Any] = {
        "uid": "abc@events.example",
        "title": "劳模工匠进校园",
        "starts_at": NINE,
        "ends_at": NINE + timedelta(hours=2),
        "updated_at": NINE - timedelta(days=4),
    }
    return Entry(**usual | fields)


def lines_of(*entries: Entry, **options: Any) -> list[str]:
    return calendar("云南机电职业技术学院", list(entries), **options).decode().split("\r\n")


def event_of(body: bytes) -> Any:
    return Calendar.from_ical(body).events[0]


def test_an_entry_says_when_and_where() -> None:
    entry = make_entry(
        sequence=3,
        location="大礼堂，昆明市五华区",
        geo=(25.0389, 102.7183),
        url="https://events.example/s/abc",
        description="请提前15分钟到场。\n凭入场码入场。",
    )

    lines = lines_of(entry)

    begin = lines.index("BEGIN:VEVENT")
    assert lines[begin:-2] == [
        "BEGIN:VEVENT",
        "UID:abc@events.example",
        "DTSTAMP:20261201T010000Z",
        "LAST-MODIFIED:20261201T010000Z",
        "SEQUENCE:3",
        "DTSTART;TZID=Asia/Shanghai:20261205T090000",
        "DTEND;TZID=Asia/Shanghai:20261205T110000",
        "SUMMARY:劳模工匠进校园",
        "STATUS:CONFIRMED",
        "LOCATION:大礼堂，昆明市五华区",
        "GEO:25.0389;102.7183",
        "DESCRIPTION:请提前15分钟到场。\\n凭入场码入场。",
        "URL:https://events.example/s/abc",
        "END:VEVENT",
    ]


def test_what_is_unknown_is_left_out() -> None:
    names = {line.partition(":")[0] for line in lines_of(make_entry())}

    assert not names & {"LOCATION", "GEO", "DESCRIPTION", "URL"}


def test_a_cancelled_entry_says_so_twice() -> None:
    event = event_of(calendar("日程", [make_entry(cancelled=True)]))

    assert (event["SUMMARY"], event["STATUS"]) == ("【已取消】劳模工匠进校园", "CANCELLED")


def test_the_zone_is_described_once() -> None:
    lines = lines_of(make_entry(), make_entry(uid="b@x"))

    begin, end = lines.index("BEGIN:VTIMEZONE"), lines.index("END:VTIMEZONE")
    assert lines[begin + 1 : end] == [
        "TZID:Asia/Shanghai",
        "BEGIN:STANDARD",
        "DTSTART:19920101T000000",
        "TZOFFSETFROM:+0800",
        "TZOFFSETTO:+0800",
        "TZNAME:CST",
        "END:STANDARD",
    ]
    assert lines.count("BEGIN:VTIMEZONE") == 1


def test_a_subscription_is_named_and_asked_for_every_hour() -> None:
    lines = lines_of(url="https://events.example/o/ynmec", subscribed=True)

    assert lines[: lines.index("BEGIN:VTIMEZONE")] == [
        "BEGIN:VCALENDAR",
        "PRODID:-//events_app//events_app//ZH",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "NAME:云南机电职业技术学院",
        "X-WR-CALNAME:云南机电职业技术学院",
        "X-WR-TIMEZONE:Asia/Shanghai",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "URL:https://events.example/o/ynmec",
    ]


def test_a_single_file_makes_no_calendar_of_its_own() -> None:
    text = calendar("一场活动", [make_entry()])

    assert b"CALNAME" not in text
    assert b"REFRESH-INTERVAL" not in text


def test_nobody_is_named_and_nothing_rings() -> None:
    text = calendar("日程", [make_entry()], subscribed=True)

    assert b"VALARM" not in text
    assert b"ATTENDEE" not in text
    assert b"ORGANIZER" not in text


@pytest.mark.parametrize("name", ["欧阳𬱖", "㛃·阿不都拉", "　全角　空格"])
def test_a_title_comes_back_as_it_was_written(name: str) -> None:
    event = event_of(calendar("日程", [make_entry(title=f"{name}劳模讲堂")]))

    assert event["SUMMARY"] == f"{name}劳模讲堂".strip()


def test_a_carriage_return_begins_no_line_of_its_own() -> None:
    sneaky = "讲堂\rATTENDEE:mailto:x@example.org\r\nBEGIN:VALARM"

    lines = calendar(sneaky, [make_entry(title=sneaky, location=sneaky)], subscribed=True).decode()

    assert "\nATTENDEE" not in lines.replace("\r", "\n")
    assert "\nBEGIN:VALARM" not in lines.replace("\r", "\n")


@settings(max_examples=300, deadline=None)
@given(title=NASTY | st.text(max_size=300), description=NASTY)
@example(title="长" * 300, description="")
@example(title="讲堂\rX-EVIL:1", description="一\r二\x00三")
def test_any_text_makes_a_file_that_can_be_read(title: str, description: str) -> None:
    body = calendar(
        title, [make_entry(title=title, location=title, description=description)], subscribed=True
    )

    lines = body.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert not any(byte < 0x20 or byte == 0x7F for line in lines for byte in line)
    assert len(Calendar.from_ical(body).events) == 1
    assert sum(line.startswith(b"SUMMARY:") for line in lines) == 1


@settings(max_examples=300, deadline=None)
@given(title=st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=120))
@example(title='𬱖㛃·，；：\\n\\,"引号"')
@example(title="\ufeff讲堂")
def test_every_printable_character_comes_back(title: str) -> None:
    event = event_of(calendar("日程", [make_entry(title=title)]))

    assert event["SUMMARY"] == title.replace("\ufeff", "").strip()
