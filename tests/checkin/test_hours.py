"""How long somebody was in a session, and whether it counts: to the minute, whatever the scans' order."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events_app.checkin.rules.attendance import Mark, attendance, stays
from events_app.checkin.rules.hours import (
    Credit,
    Finding,
    Presence,
    Record,
    Worth,
    credit,
    hours_missing,
    needs_log,
    record,
    stays_of,
)
from events_app.checkin.tables import Direction, Verdict
from events_app.registration.tables import Evidence

# From nine to eleven in Shanghai, and looked at the day after.
START = datetime(2026, 12, 5, 1, 0, tzinfo=UTC)
END = START + timedelta(hours=2)
AFTERWARDS = START + timedelta(days=1)
ANYTHING = Worth()


def at(minutes: float) -> datetime:
    """So many minutes after the session's start."""
    return START + timedelta(minutes=minutes)


def mark(direction: Direction, minutes: float, nonce: str = "", **changes: Any) -> Mark:
    fields: dict[str, Any] = {
        "nonce": nonce or f"{direction}{minutes}",
        "direction": direction,
        "at": at(minutes),
        "evidence": Evidence.SCAN,
        "verdict": Verdict.ADMITTED,
        "let_in": True,
        "gate": 1,
        "account": None,
        "undoes": None,
    }
    return Mark(**fields | changes)


def come(minutes: float, **changes: Any) -> Mark:
    return mark(Direction.IN, minutes, **changes)


def go(minutes: float, **changes: Any) -> Mark:
    return mark(Direction.OUT, minutes, **changes)


def presence(*marks: Mark, starts_at: datetime = START, ends_at: datetime = END) -> Presence:
    """The seat as its scans make it."""
    known = attendance(marks)
    assert known.attended_at
    assert known.moved_at
    assert known.evidence
    return Presence(
        seat=1,
        registration=1,
        session="s",
        starts_at=starts_at,
        ends_at=ends_at,
        attended_at=known.attended_at,
        moved_at=known.moved_at,
        evidence=known.evidence,
        inside=known.inside,
        seconds=known.seconds,
    )


def credited(*marks: Mark, worth: Worth = ANYTHING, now: datetime = AFTERWARDS, **times: Any) -> Credit:
    """Through the seat's columns where these are enough, else through the scans: as the application does."""
    seat = presence(*marks, **times)
    return credit(seat, stays(marks) if needs_log(seat) else stays_of(seat), worth, now)


def result(*marks: Mark, **changes: Any) -> tuple[int, str]:
    found = credited(*marks, **changes)
    return found.minutes, found.finding


# Minutes


def test_whoever_was_not_checked_out_was_there_until_the_end() -> None:
    assert result(come(10)) == (110, "counts")


def test_time_before_the_start_and_after_the_end_is_no_time_in_the_session() -> None:
    assert result(come(-30), go(150)) == (120, "counts")
    assert result(come(-30), go(20)) == (20, "counts")


def test_minutes_are_whole_ones() -> None:
    assert result(come(0), go(59.99))[0] == 59
    assert result(come(0), go(60))[0] == 60


def test_stays_of_whoever_came_back_add_up_without_the_time_between() -> None:
    assert result(come(-20), go(30), come(50), go(80)) == (60, "counts")
    assert result(come(-20), go(30), come(50)) == (100, "counts")


def test_seconds_of_several_stays_make_minutes_together() -> None:
    assert result(come(0), go(10.5), come(20), go(30.5))[0] == 21


def test_session_under_way_counts_up_to_now() -> None:
    worth = Worth(minimum_minutes=45)

    assert result(come(-5), worth=worth, now=at(44)) == (44, "short")
    assert result(come(-5), worth=worth, now=at(45)) == (45, "counts")


def test_nothing_counts_before_the_session_begins() -> None:
    assert result(come(-30), now=at(-1)) == (0, "early")
    assert result(come(-30, evidence=Evidence.LATER), now=at(-1)) == (0, "early")


def test_session_over_midnight_counts_through() -> None:
    late = datetime(2026, 12, 31, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai
    times = {"starts_at": late, "ends_at": late + timedelta(hours=2)}
    marks = [come(0, at=late + timedelta(minutes=10)), go(0, at=late + timedelta(minutes=100))]

    assert result(*marks, now=late + timedelta(days=1), **times) == (90, "counts")
    assert result(*marks[:1], now=late + timedelta(days=1), **times) == (110, "counts")


def test_stay_of_less_than_a_second_is_one_that_was_finished() -> None:
    worth = Worth(must_check_out=True)

    assert result(come(0), go(0.01), come(5), worth=worth) == (0, "counts")
    assert result(come(0, evidence=Evidence.PAPER), go(0.01), come(5), worth=worth) == (0, "counts")


# Counting


@pytest.mark.parametrize(("left", "finding"), [(44, "short"), (45, "counts"), (119, "counts")])
def test_too_short_does_not_count(left: float, finding: str) -> None:
    assert result(come(0), go(left), worth=Worth(minimum_minutes=45)) == (left, finding)


def test_without_a_minimum_having_come_is_enough() -> None:
    assert result(come(-30), go(-10)) == (0, "counts")


def test_only_what_was_checked_out_counts_where_it_must_be() -> None:
    worth = Worth(minimum_minutes=30, must_check_out=True)

    assert result(come(0), worth=worth) == (0, "not_out")
    assert result(come(0), go(40), worth=worth) == (40, "counts")
    assert result(come(0), go(40), come(60), worth=worth) == (40, "counts")
    assert result(come(0), go(20), come(60), worth=worth) == (20, "short")


def test_whoever_was_written_down_later_was_there_all_the_time() -> None:
    worth = Worth(minimum_minutes=120, must_check_out=True)

    assert result(come(600, evidence=Evidence.LATER), worth=worth) == (120, "counts")


def test_signature_counts_for_the_whole_session_unless_a_scan_says_when_they_left() -> None:
    worth = Worth(must_check_out=True)
    signed = come(0, evidence=Evidence.PAPER)

    assert result(signed, worth=worth) == (120, "counts")
    assert result(signed, go(30), worth=worth) == (30, "counts")


def test_check_out_that_was_taken_back_never_was() -> None:
    undo = mark(Direction.UNDO, 31, nonce="u", undoes="out30")

    assert result(come(0), go(30), undo) == (120, "counts")
    assert stays([come(0), go(30), undo]) == [(at(0), None)]


# Hours and certificates

COUNTED = [Credit(f"s{n}", at(n), 60, Finding.COUNTS) for n in range(10)]
SHORT = Credit("short", at(0), 5, Finding.SHORT)


@pytest.mark.parametrize(
    ("session_hours", "counted", "hours"),
    [("0.1", 3, "0.3"), ("1.5", 3, "4.5"), ("3.0", 0, "0.0"), ("999.9", 10, "9999.0")],
)
def test_hours_add_up_exactly(session_hours: str, counted: int, hours: str) -> None:
    found = record([*COUNTED[:counted], SHORT], Worth(session_hours=Decimal(session_hours)))

    assert (found.sessions, found.hours) == (counted, Decimal(hours))


@pytest.mark.parametrize(
    ("worth", "counted", "qualifies"),
    [
        (Worth(), 9, False),
        (Worth(certificates=True), 0, False),
        (Worth(certificates=True), 1, True),
        (Worth(certificates=True, session_hours=Decimal("1.5"), certificate_hours=Decimal("4.5")), 2, False),
        (Worth(certificates=True, session_hours=Decimal("1.5"), certificate_hours=Decimal("4.5")), 3, True),
        (Worth(session_hours=Decimal("1.5"), certificate_hours=Decimal("4.5")), 3, False),
        (Worth(certificates=True, certificate_hours=Decimal("4.5")), 9, False),
    ],
)
def test_certificate_takes_what_the_activity_says(worth: Worth, counted: int, qualifies: bool) -> None:
    assert record([*COUNTED[:counted], SHORT], worth).qualifies is qualifies


def test_missing_hours_are_told() -> None:
    worth = Worth(certificates=True, session_hours=Decimal("1.5"), certificate_hours=Decimal("4.0"))

    missing = [hours_missing(record(COUNTED[:n], worth), worth) for n in range(4)]

    assert missing == [Decimal("4.0"), Decimal("2.5"), Decimal("1.0"), Decimal(0)]


def test_nobody_who_did_not_come_has_anything() -> None:
    assert record([], ANYTHING) == Record({}, 0, None, False)


# In whatever order

DIRECTIONS = st.sampled_from([Direction.IN, Direction.IN, Direction.OUT])
EVIDENCE = st.sampled_from([Evidence.SCAN, Evidence.SCAN, Evidence.SELF, Evidence.PAPER, Evidence.LATER])


@st.composite
def logs(draw: st.DrawFn) -> list[Mark]:
    """What may have been scanned of one seat, some of it taken back."""
    minutes = draw(st.lists(st.integers(-60, 200), min_size=1, max_size=8))
    marks = [
        mark(draw(DIRECTIONS), minute, f"n{number}", evidence=draw(EVIDENCE))
        for number, minute in enumerate(minutes)
    ]
    marks = [
        msgspec.structs.replace(one, evidence=Evidence.SCAN) if one.direction == Direction.OUT else one
        for one in marks
    ]
    gone = draw(st.lists(st.sampled_from(marks), max_size=2, unique_by=lambda one: one.nonce))
    undos = [
        mark(Direction.UNDO, (one.at - START) // timedelta(minutes=1) + 1, f"u{one.nonce}", undoes=one.nonce)
        for one in gone
    ]
    return [*marks, *undos]


@settings(max_examples=300, deadline=None)
@given(logs(), st.randoms())
def test_order_of_arrival_makes_no_difference(log: list[Mark], random: Any) -> None:
    shuffled = random.sample(log, len(log))

    assert stays(shuffled) == stays(log)
    if attendance(log).attended_at:
        assert credited(*shuffled) == credited(*log)


@settings(max_examples=300, deadline=None)
@given(logs())
def test_stays_are_what_the_seat_says(log: list[Mark]) -> None:
    """Finished ones are as long as `seconds`, at most one is open; and the short way finds what the log does."""
    known, found = attendance(log), stays(log)
    finished = [left - came for came, left in found if left]
    open_ones = [came for came, left in found if left is None]

    assert sum(span // timedelta(seconds=1) for span in finished) == known.seconds
    assert bool(open_ones) == known.inside
    if known.attended_at and known.evidence != Evidence.LATER:
        assert found[0][0] == known.attended_at
        seat = presence(*log)
        if not needs_log(seat):
            short = [credit(seat, way, ANYTHING, AFTERWARDS) for way in (found, stays_of(seat))]
            assert short[0] == short[1]


def test_every_order_of_a_day_with_re_entry_is_the_same() -> None:
    log = [come(-10), go(30), come(45), go(100), mark(Direction.UNDO, 101, nonce="u", undoes="out100")]

    assert {result(*order) for order in permutations(log)} == {(105, "counts")}
