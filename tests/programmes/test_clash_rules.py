"""What counts as a clash, decided from facts alone; the search is held against a naive one that compares all pairs."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from math import pi

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from events_app.lib.clock import ZONE, local
from events_app.programmes.rules.clashes import (
    LONGEST_WAY,
    MOST,
    Attendance,
    Away,
    Clash,
    ClashKind,
    Facts,
    Hall,
    Other,
    Planned,
    judge,
)
from events_app.programmes.rules.places import (
    Opening,
    Place,
    distance,
    first_closed_day,
    haversine,
    same_rooms,
)
from events_app.programmes.rules.workdays import OwnDay, Workdays

MONDAY = datetime(2026, 12, 7, 9, tzinfo=ZONE)
KUNMING, ANNING, BEIJING = (25.0389, 102.7183), (24.9195, 102.4784), (39.9042, 116.4074)
HALL = Place(1, 1, "大礼堂", "宁波路1号", *KUNMING)
ROOM = Place(2, 1, "大礼堂·101", "宁波路1号", *KUNMING)
OTHER_ROOM = Place(3, 1, "大礼堂·102", "宁波路1号", *KUNMING)
FAR = Place(4, 4, "安宁分校", "安宁路2号", *ANNING)
NEXT_DOOR = Place(5, 5, "安宁食堂", "安宁路2号")
SOMEWHERE = Place(6, 6, "某处")
PLACES = (HALL, ROOM, OTHER_ROOM, FAR, NEXT_DOOR, SOMEWHERE)
GENG, LI = 11, 12
SCHOOL, WANG = 21, 31


def facts(**changes: object) -> Facts:
    halls = {place.id: Hall(place, None, []) for place in PLACES}
    guests = {GENG: Attendance("耿家盛"), LI: Attendance("李师傅")}
    given = {"venues": halls, "guests": guests, "sites": {SCHOOL: "云南技师学院"}, "accounts": {WANG: "王"}}
    return Facts(**{**given, "speed": 40, **changes})  # type: ignore[arg-type]


def planned(start: datetime = MONDAY, hours: float = 2, **changes: object) -> Planned:
    fields: dict[str, object] = {"venue": None, "site": None, "in_charge": None, "guests": [], "capacity": 50}
    return Planned(start, start + timedelta(hours=hours), **{**fields, **changes})  # type: ignore[arg-type]


def saved(start: datetime = MONDAY, hours: float = 2, **changes: object) -> Other:
    fields: dict[str, object] = {
        "place": None,
        "site": None,
        "in_charge": None,
        "guests": [],
        "title": "宣讲",
        "session": "abc",
    }
    return Other(start, start + timedelta(hours=hours), **{**fields, **changes})  # type: ignore[arg-type]


def clashes(
    one: Planned, *others: Other, known: Facts | None = None, days: Workdays | None = None
) -> list[Clash]:
    return judge([one], others, known or facts(), days or Workdays())[0]


def kinds(
    one: Planned, *others: Other, known: Facts | None = None, days: Workdays | None = None
) -> list[str]:
    return [str(clash.kind) for clash in clashes(one, *others, known=known, days=days)]


def test_guest_in_two_halls_at_once() -> None:
    [clash] = clashes(planned(guests=[GENG, LI]), saved(guests=[GENG], place=HALL))

    assert (clash.kind, clash.session, clash.own) == (ClashKind.GUEST, "abc", True)
    assert clash.sentence == "嘉宾耿家盛同时在另一场：《宣讲》（2026年12月7日（周一）09:00–11:00、大礼堂）。"


@pytest.mark.parametrize(("hours", "found"), [(-2, []), (-1.99, ["guest"]), (1.99, ["guest"]), (2, [])])
def test_what_ends_when_the_next_begins_is_no_clash(hours: float, found: list[str]) -> None:
    other = saved(MONDAY + timedelta(hours=hours), guests=[GENG])

    assert kinds(planned(guests=[GENG]), other) == found


def test_session_of_a_month_clashes_with_what_lies_in_it() -> None:
    exhibition = saved(MONDAY - timedelta(days=30), hours=31 * 24, place=HALL)

    assert kinds(planned(venue=HALL.id), exhibition) == ["venue"]
    assert kinds(planned(MONDAY + timedelta(days=1), venue=HALL.id), exhibition) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (HALL, HALL, True),
        (ROOM, HALL, True),
        (HALL, ROOM, True),
        (ROOM, ROOM, True),
        (ROOM, OTHER_ROOM, False),
        (FAR, NEXT_DOOR, False),
    ],
    ids=[
        "a hall",
        "room in building",
        "building with room",
        "a room",
        "two rooms",
        "two venues of one address",
    ],
)
def test_room_clashes_with_its_building_but_not_with_its_neighbour(
    one: Place, other: Place, same: bool
) -> None:
    assert same_rooms(one, other) is same
    assert kinds(planned(venue=one.id), saved(place=other)) == (["venue"] if same else [])


def test_school_and_organiser_are_in_one_place_at_a_time() -> None:
    one = planned(site=SCHOOL, in_charge=WANG)

    found = clashes(one, saved(site=SCHOOL, own=False, session="xyz"), saved(in_charge=WANG))

    assert [(clash.kind, clash.session, clash.own) for clash in found] == [
        (ClashKind.SITE, "xyz", False),
        (ClashKind.IN_CHARGE, "abc", True),
    ]


def test_nobody_in_charge_and_no_school_clash_with_nothing() -> None:
    assert kinds(planned(), saved()) == []


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize(("minutes", "found"), [(0, ["travel"]), (41, ["travel"]), (42, [])])
def test_guest_needs_time_for_the_way(minutes: int, found: list[str], side: str) -> None:
    """27.6 km at 40 km/h are 41.3 minutes."""
    pause = timedelta(hours=2, minutes=minutes)
    other = saved(MONDAY + (pause if side == "after" else -pause), guests=[GENG], place=FAR)

    assert kinds(planned(venue=HALL.id, guests=[GENG]), other) == found


def test_way_is_told_with_all_its_numbers() -> None:
    other = saved(MONDAY + timedelta(hours=2, minutes=30), guests=[GENG], place=FAR)

    [clash] = clashes(planned(venue=HALL.id, guests=[GENG]), other)

    assert clash.sentence == (
        "嘉宾耿家盛来不及赶路：与《宣讲》（2026年12月7日（周一）11:30–13:30、安宁分校）相距27.6公里，"
        "按每小时40公里要走42分钟，中间只有30分钟。"
    )


def test_owner_sets_the_speed() -> None:
    other = saved(MONDAY + timedelta(hours=2, minutes=30), guests=[GENG], place=FAR)
    one = planned(venue=HALL.id, guests=[GENG])

    assert kinds(one, other, known=facts(speed=60)) == []
    assert kinds(one, other, known=facts(speed=50)) == ["travel"]


@pytest.mark.parametrize(
    "place", [ROOM, OTHER_ROOM, SOMEWHERE, None], ids=["room", "other room", "unknown", "none"]
)
def test_no_way_inside_a_building_and_none_that_nobody_knows(place: Place | None) -> None:
    other = saved(MONDAY + timedelta(hours=2), guests=[GENG], place=place)

    assert kinds(planned(venue=HALL.id if place != ROOM else OTHER_ROOM.id, guests=[GENG]), other) == []


def test_venues_of_one_address_are_beside_each_other() -> None:
    assert distance(FAR, NEXT_DOOR) == 0
    assert distance(HALL, NEXT_DOOR) is None


def test_unknown_place_between_two_known_ones_is_passed_over() -> None:
    between = saved(MONDAY + timedelta(hours=2), hours=0.1, guests=[GENG], place=SOMEWHERE)
    after = saved(MONDAY + timedelta(hours=2.2), guests=[GENG], place=FAR)

    assert kinds(planned(venue=HALL.id, guests=[GENG]), between, after) == ["travel"]


@pytest.mark.parametrize("side", [-1, 1], ids=["before", "after"])
def test_only_the_nearest_session_on_either_side_counts(side: int) -> None:
    near = saved(MONDAY + side * timedelta(hours=2.5), guests=[GENG], place=FAR, session="near")
    farther = saved(MONDAY + side * timedelta(hours=5), guests=[GENG], place=FAR, session="farther")

    found = clashes(
        planned(venue=HALL.id, guests=[GENG]), *sorted([near, farther], key=lambda o: o.starts_at)
    )

    assert [clash.session for clash in found] == ["near"]


def test_half_a_day_is_enough_for_every_way() -> None:
    beijing = Place(9, 9, "北京", "", *BEIJING)
    soon, later = (
        saved(MONDAY + timedelta(hours=2) + pause, guests=[GENG], place=beijing)
        for pause in (LONGEST_WAY - timedelta(minutes=1), LONGEST_WAY)
    )

    assert kinds(planned(venue=HALL.id, guests=[GENG]), soon) == ["travel"]
    assert kinds(planned(venue=HALL.id, guests=[GENG]), later) == []


def test_great_circles() -> None:
    assert haversine((0, 0), (0, 180)) == pytest.approx(pi * 6371.0088)
    assert haversine((0, 179.5), (0, -179.5)) == pytest.approx(111.195, abs=0.001)
    assert haversine(KUNMING, KUNMING) == 0
    assert haversine(KUNMING, BEIJING) == pytest.approx(2089, rel=0.005)  # 2,088 km by the geodesic of WGS 84


def test_more_places_than_the_hall_holds() -> None:
    known = facts(venues={1: Hall(HALL, 200, [])})

    assert kinds(planned(venue=1, capacity=200), known=known) == []
    [clash] = clashes(planned(venue=1, capacity=201), known=known)
    assert clash.sentence == "名额201个，超过场地“大礼堂”能容纳的200人。"


def test_closed_hall_says_when_it_is_open() -> None:
    hours = [Opening(0, time(13), time(17)), Opening(0, time(8), time(12))]
    known = facts(venues={1: Hall(HALL, None, hours)})

    assert kinds(planned(venue=1), known=known) == []
    [lunch] = clashes(planned(MONDAY + timedelta(hours=2), venue=1), known=known)
    [tuesday] = clashes(planned(MONDAY + timedelta(days=1), venue=1), known=known)
    assert (
        lunch.sentence == "不在场地“大礼堂”的开放时间内：2026年12月7日（周一）开放08:00–12:00、13:00–17:00。"
    )
    assert tuesday.sentence == "场地“大礼堂”2026年12月8日（周二）不开放。"


EVERY_DAY = [Opening(day, time(8), time(17)) for day in range(7)]


def test_session_of_several_days_goes_home_at_night() -> None:
    three_days = MONDAY + timedelta(days=2, hours=8)

    assert first_closed_day(EVERY_DAY, MONDAY, three_days) is None
    assert first_closed_day(EVERY_DAY, MONDAY - timedelta(hours=2), three_days) == date(2026, 12, 7)
    assert first_closed_day(EVERY_DAY, MONDAY, three_days + timedelta(hours=1)) == date(2026, 12, 9)
    assert first_closed_day(EVERY_DAY[:1] + EVERY_DAY[2:], MONDAY, three_days) == date(2026, 12, 8)


def test_hall_that_never_closes_is_open_over_midnight() -> None:
    late = [Opening(day, time(0), time(23, 59)) for day in range(7)]

    assert first_closed_day(late, MONDAY + timedelta(hours=13), MONDAY + timedelta(hours=17)) is None
    assert first_closed_day(EVERY_DAY, MONDAY + timedelta(hours=13), MONDAY + timedelta(hours=17)) == date(
        2026, 12, 7
    )


def test_holiday_by_the_unions_calendar() -> None:
    own = Workdays([OwnDay(date(2026, 12, 9), works=False, name="校庆")])

    [clash] = clashes(planned(hours=72), days=own)

    assert clash.sentence == "2026年12月9日（周三）放假：校庆。"
    assert kinds(planned(hours=39), days=own) == []  # until midnight before it
    assert kinds(planned(datetime(2026, 10, 1, 9, tzinfo=ZONE))) == ["holiday"]


def test_first_holiday_of_a_long_session_is_enough() -> None:
    assert kinds(planned(datetime(2026, 9, 28, 9, tzinfo=ZONE), hours=24 * 14)) == ["holiday"]


def test_guest_who_cannot_come_that_day() -> None:
    away = Away(date(2026, 12, 6), date(2026, 12, 7), "出差")
    known = facts(
        guests={GENG: Attendance("耿家盛", absences=[away]), LI: Attendance("李师傅", weekdays=0b1111110)}
    )

    found = clashes(planned(guests=[GENG, LI]), known=known)

    assert [clash.kind for clash in found] == [ClashKind.ABSENCE] * 2
    assert found[0].sentence == "嘉宾耿家盛在2026年12月7日（周一）不能来：出差。"
    assert found[1].sentence == "嘉宾李师傅周一不能来：2026年12月7日（周一）。"
    assert kinds(planned(MONDAY + timedelta(days=1), guests=[GENG, LI]), known=known) == []


def test_ids_that_are_not_known_are_not_judged() -> None:
    strange = planned(guests=[99], venue=98, site=97, in_charge=96)

    assert kinds(strange, saved(guests=[99], site=97, in_charge=96)) == []


def test_rows_of_one_list_clash_with_one_another() -> None:
    one, two = planned(guests=[GENG], venue=HALL.id), planned(guests=[GENG], venue=FAR.id)

    first, second = judge([one, two], [], facts(), Workdays())

    assert [(clash.kind, clash.session, clash.row) for clash in first] == [(ClashKind.GUEST, "", 1)]
    assert [(clash.kind, clash.session, clash.row) for clash in second] == [(ClashKind.GUEST, "", 0)]
    assert (
        first[0].sentence
        == "嘉宾耿家盛同时在另一场：这一批里的一场（2026年12月7日（周一）09:00–11:00、安宁分校）。"
    )


def test_key_stays_and_changes_with_what_was_shown() -> None:
    one, other = planned(guests=[GENG]), saved(guests=[GENG, LI])
    [shown] = clashes(one, other)
    [again] = clashes(planned(guests=[GENG], capacity=70), other)
    moved = saved(MONDAY + timedelta(hours=1), guests=[GENG])
    changed = [*clashes(one, moved), *clashes(planned(guests=[LI]), other)]
    changed += clashes(one, saved(guests=[GENG], session="def"))

    assert again.key == shown.key
    assert len({shown.key, *(clash.key for clash in changed)}) == 4


def test_too_many_to_read_are_put_into_one() -> None:
    others = [saved(session=f"s{n}", site=SCHOOL) for n in range(MOST + 5)]

    found = clashes(planned(site=SCHOOL), *others)
    fewer = clashes(planned(site=SCHOOL), *others[:-1])

    assert len(found) == MOST + 1
    assert (found[-1].kind, found[-1].sentence) == (ClashKind.MORE, "另有5项冲突没有列出。")
    assert found[-1].key != fewer[-1].key


def test_thousand_rows_of_one_hour_are_not_a_million_warnings() -> None:
    others = [saved(session=f"s{n}", site=SCHOOL, in_charge=WANG, guests=[GENG]) for n in range(1000)]

    found = clashes(planned(site=SCHOOL, in_charge=WANG, guests=[GENG]), *others)

    assert len(found) == MOST + 1
    assert found[-1].sentence == f"另有{3 * 2 * MOST - MOST}项冲突没有列出。"


HOURS = st.integers(0, 60).map(lambda n: timedelta(minutes=20 * n))
LENGTHS = st.one_of(st.integers(1, 12).map(lambda n: timedelta(minutes=20 * n)), st.just(timedelta(days=31)))
PEOPLE = st.lists(st.sampled_from([GENG, LI]), max_size=2)
MAYBE_SCHOOL, MAYBE_WANG = st.sampled_from([None, SCHOOL]), st.sampled_from([None, WANG])


@st.composite
def others(draw: st.DrawFn) -> Other:
    start = MONDAY + draw(HOURS)
    place = draw(st.sampled_from(PLACES))
    return Other(
        start, start + draw(LENGTHS), place, draw(MAYBE_SCHOOL), draw(MAYBE_WANG), draw(PEOPLE), session="x"
    )


def as_planned(other: Other) -> Planned:
    assert other.place
    return Planned(
        other.starts_at, other.ends_at, other.place.id, other.site, other.in_charge, other.guests, 1
    )


def numbered(sessions: list[Other]) -> list[Other]:
    return [
        Other(o.starts_at, o.ends_at, o.place, o.site, o.in_charge, o.guests, session=f"s{n}")
        for n, o in enumerate(sessions)
    ]


@given(st.lists(others(), max_size=3), st.lists(others(), min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_search_finds_what_comparing_all_pairs_finds(there: list[Other], new: list[Other]) -> None:
    there = numbered(there)
    rows = [
        Other(o.starts_at, o.ends_at, o.place, o.site, o.in_charge, o.guests, row=row)
        for row, o in enumerate(new)
    ]
    expected = [sorted(naive(row, [o for o in [*there, *rows] if o is not row])) for row in rows]
    assume(max(map(len, expected)) < MOST)

    found = judge([as_planned(row) for row in rows], there, facts(), Workdays())

    assert [
        sorted(told(clash) for clash in row if clash.kind != ClashKind.HOLIDAY) for row in found
    ] == expected


def told(clash: Clash) -> tuple[str, str, str]:
    """Kind, other session, and whom or what it is about."""
    other = clash.session or str(clash.row)
    return str(clash.kind), other, clash.key.split(":")[5]


def naive(one: Other, rest: list[Other]) -> Iterator[tuple[str, str, str]]:
    together = [o for o in rest if o.starts_at < one.ends_at and one.starts_at < o.ends_at]
    for other in together:
        name = other.session or str(other.row)
        for guest in set(one.guests) & set(other.guests):
            yield "guest", name, str(guest)
        if one.place and other.place and same_rooms(one.place, other.place):
            yield "venue", name, str(one.place.id)
        if one.site and one.site == other.site:
            yield "site", name, str(one.site)
        if one.in_charge and one.in_charge == other.in_charge:
            yield "in_charge", name, str(one.in_charge)
    for guest in set(one.guests):
        for side in (-1, 1):
            pauses = [
                (pause(one, o, side), n, o)
                for n, o in enumerate(rest)
                if guest in o.guests and o not in together
            ]
            near = [
                (p, o.starts_at, n, o)
                for p, n, o in pauses
                if timedelta() <= p < LONGEST_WAY and way(one, o) is not None
            ]
            if near:
                first, _start, _n, other = min(near, key=lambda found: found[:3])
                if timedelta(hours=(way(one, other) or 0) / 40) > first:
                    yield "travel", other.session or str(other.row), str(guest)


def pause(one: Other, other: Other, side: int) -> timedelta:
    return other.starts_at - one.ends_at if side > 0 else one.starts_at - other.ends_at


def way(one: Other, other: Other) -> float | None:
    assert one.place
    assert other.place
    return distance(one.place, other.place)


MINUTES = st.integers(0, 24 * 60 - 1)


@given(
    st.lists(st.tuples(st.integers(0, 2), MINUTES, MINUTES), min_size=1, max_size=6),
    st.integers(0, 2 * 24 * 60),
    st.integers(1, 24 * 60),
)
@settings(max_examples=200, deadline=None)
def test_opening_hours_are_what_every_minute_says(
    spans: list[tuple[int, int, int]], start: int, length: int
) -> None:
    hours = [Opening(day, _time(min(a, b)), _time(max(a, b))) for day, a, b in spans if a != b]
    assume(hours)
    begin = datetime(2026, 12, 7, tzinfo=ZONE) + timedelta(minutes=start)
    minutes = [begin + timedelta(minutes=n) for n in range(length)]

    closed = first_closed_day(
        hours, begin.astimezone(UTC), (begin + timedelta(minutes=length)).astimezone(UTC)
    )

    shut = [minute for minute in minutes if not any(_is_open(span, minute) for span in hours)]
    assert closed == (local(shut[0]).date() if shut else None)


def _time(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def _is_open(span: Opening, minute: datetime) -> bool:
    at = minute.time()
    return (
        span.weekday == minute.weekday()
        and span.opens <= at
        and (at < span.closes or span.closes >= time(23, 59))
    )
