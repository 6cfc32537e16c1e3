"""What people write into tables of sessions, in the many forms in which they write it."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_app.lib import clock
from events_app.lib.clock import local
from events_app.lib.errors import Refused
from events_app.programmes.rules.headers import rows_of
from events_app.programmes.rules.rows import FIELDS, Defaults, Plan, read_guests, read_row
from events_app.programmes.rules.typed import read_day, read_time, read_times, read_whole, split_day

TODAY = date(2026, 11, 23)
DEFAULTS = Defaults(opens_at=datetime(2026, 11, 1, tzinfo=UTC))
ROW = {
    "site": "云南技师学院",
    "venue": "大礼堂",
    "day": "2026-12-05",
    "starts": "9:00",
    "ends": "11:00",
    "capacity": "300",
}
days = st.dates(date(2000, 1, 1), date(2100, 12, 31))
minutes = st.integers(0, 24 * 60 - 1)


def planned(defaults: Defaults = DEFAULTS, /, **changes: str) -> Plan:
    plan, errors = read_row(ROW | changes, defaults, TODAY)
    assert errors == {}
    assert plan is not None
    return plan


def errors(defaults: Defaults = DEFAULTS, /, **changes: str) -> dict[str, str]:
    plan, found = read_row(ROW | changes, defaults, TODAY)
    assert (plan is None) == bool(found)
    return found


def hours(plan: Plan) -> str:
    return clock.span_text(plan.starts_at, plan.ends_at)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-05",
        "2026/12/5",
        "2026.12.5",
        "2026年12月5日",
        "2026 年 12 月 5 日",
        "12月5日",
        "12月5号",
        "12/5",
        "12-5",
        "20261205",
        "46361",
        "5 Dec 2026",
        "5th December 2026",
        "Dec 5, 2026",
        "December 5th",
        "5-Dec",
        "２０２６－１２－０５",
        "２０２６年１２月５日",
        "2026-12-05（周六）",
        "2026-12-05(星期六)",
        "12月5日 周六",
        "12月5日礼拜六",
        "周六 12月5日",
        "2026-12-05 (Sat)",
        "Saturday, 5 Dec 2026",
        "Sat 5 Dec",
        " 2026-12-05 ",
    ],
)
def test_one_day_is_written_in_many_ways(text: str) -> None:
    assert read_day(text, TODAY) == date(2026, 12, 5)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("11月23日", TODAY),
        ("11月22日", date(2027, 11, 22)),
        ("1月3日", date(2027, 1, 3)),
        ("2月29日", date(2028, 2, 29)),
    ],
)
def test_day_without_its_year_is_the_next_one(text: str, day: date) -> None:
    assert read_day(text, TODAY) == day


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2026-02-31", "没有2月31日这一天。"),
        ("2月30日", "没有2月30日这一天。"),
        ("2026年13月1日", "没有13月1日这一天。"),
        ("20261301", "没有13月1日这一天。"),
        ("1-0", "没有1月0日这一天。"),
        ("2027-02-29", "没有2月29日这一天。"),
        ("1926-12-05", "年份应在2000到2100之间。"),
        ("9999-12-05", "年份应在2000到2100之间。"),
        ("99999", "年份应在2000到2100之间。"),
        ("2026-12-05（周日）", "2026-12-05是周六，和写的星期不一样。"),
        ("Sun 5 Dec 2026", "2026-12-05是周六，和写的星期不一样。"),
        ("下周六", "看不懂这个日期。请写成2026-12-05或12月5日。"),
        ("12.5", "看不懂这个日期。请写成2026-12-05或12月5日。"),
        ("2026-12", "看不懂这个日期。请写成2026-12-05或12月5日。"),
        ("12月5-7日", "看不懂这个日期。请写成2026-12-05或12月5日。"),
        ("05/12/2026", "看不懂这个日期。请写成2026-12-05或12月5日。"),
        ("26/12/5", "看不懂这个日期。请写成2026-12-05或12月5日。"),
        ("待定", "看不懂这个日期。请写成2026-12-05或12月5日。"),
    ],
)
def test_day_that_cannot_be_is_explained(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        read_day(text, TODAY)


@given(days)
def test_every_day_is_read_as_it_was_written(day: date) -> None:
    written = [
        f"{day.isoformat()}",
        f"{day:%Y/%m/%d}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day:%Y%m%d}",
        clock.day_text(day),
        f"{day.day} {day:%b} {day.year}",
    ]

    assert [read_day(text, TODAY) for text in written] == [day] * len(written)
    serial = (day - date(1899, 12, 30)).days
    assert read_day(str(serial), TODAY) == day


@given(days)
def test_day_without_its_year_is_never_past(day: date) -> None:
    read = read_day(f"{day.month}月{day.day}日", TODAY)

    assert (read.month, read.day) == (day.month, day.day)
    assert read >= TODAY


@pytest.mark.parametrize(
    ("text", "clock_time"),
    [
        ("9:00", "09:00"),
        ("09：00", "09:00"),
        ("９：００", "09:00"),
        ("9点", "09:00"),
        ("9点整", "09:00"),
        ("9点半", "09:30"),
        ("9点15", "09:15"),
        ("9时15分", "09:15"),
        ("九点半", "09:30"),
        ("下午两点", "14:00"),
        ("十二点", "12:00"),
        ("二十点三十分", "20:30"),
        ("上午9:00", "09:00"),
        ("上午 9 点", "09:00"),
        ("下午2:30", "14:30"),
        ("下午14:30", "14:30"),
        ("中午12点", "12:00"),
        ("中午1点", "13:00"),
        ("晚上7点半", "19:30"),
        ("晚上12点", "24:00"),
        ("凌晨12:30", "00:30"),
        ("14:30:00", "14:30"),
        ("2:30 PM", "14:30"),
        ("9am", "09:00"),
        ("12am", "00:00"),
        ("12pm", "12:00"),
        ("0900", "09:00"),
        ("1430", "14:30"),
        ("0.375", "09:00"),
        ("24:00", "24:00"),
        ("0:00", "00:00"),
    ],
)
def test_one_time_is_written_in_many_ways(text: str, clock_time: str) -> None:
    read = read_time(text)

    assert f"{read // 60:02}:{read % 60:02}" == clock_time


@pytest.mark.parametrize(
    "text",
    [
        "25:00",
        "24:01",
        "9:60",
        "9",
        "九",
        "上午",
        "9:5:5:5",
        "-9:00",
        "9:00 左右",
        "1e5",
        "9900",
        ":",
        "十十十点",
    ],
)
def test_time_that_cannot_be_is_explained(text: str) -> None:
    with pytest.raises(ValueError, match=r"看不懂这个时间|没有.*这个时间"):
        read_time(text)


@given(minutes)
def test_every_time_is_read_as_it_was_written(minute: int) -> None:
    hour, rest = divmod(minute, 60)
    written = [f"{hour}:{rest:02}", f"{hour:02}:{rest:02}:00", f"{hour}点{rest}分", f"{hour}：{rest:02}"]

    assert [read_time(text) for text in written] == [minute] * len(written)
    assert read_time(f"0{minute / 1440:.10f}"[1:]) == minute


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("9:00-11:00", (540, 660)),
        ("9:00 – 11:00", (540, 660)),
        ("9：00～11：00", (540, 660)),
        ("9点至11点半", (540, 690)),
        ("上午9点到11点", (540, 660)),
        ("下午2:00-4:00", (840, 960)),
        ("下午2点—下午4点", (840, 960)),
        ("2:30pm-4pm", (870, 960)),
        ("22:00-24:00", (1320, 1440)),
        ("9:00", (540, None)),
    ],
)
def test_hours_may_stand_in_one_cell(text: str, times: tuple[int, int | None]) -> None:
    assert read_times(text) == times


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("2026-12-05 09:00", "09:00"),
        ("2026-12-05T09:00", "09:00"),
        ("12月5日（周六）上午9:00-11:00", "上午9:00-11:00"),
        ("5 Dec 2026, 9:00", "9:00"),
        ("46361.375", ".375"),
        ("12/5 9:00", "9:00"),
    ],
)
def test_hours_may_follow_the_day(text: str, rest: str) -> None:
    assert split_day(text, TODAY) == (date(2026, 12, 5), rest)


@pytest.mark.parametrize(
    ("text", "number"),
    [("300", 300), ("３００", 300), ("300人", 300), ("1,000", 1000), ("1，000", 1000), ("300.0", 300)],
)
def test_capacity_is_written_in_many_ways(text: str, number: int) -> None:
    assert read_whole(text, 1, 1_000_000) == number


@pytest.mark.parametrize(
    "text", ["0", "-5", "三百", "300-400", "1e3", "12.5", "9999999", "1" * 500, "٣٠٠", "不限"]
)
def test_capacity_that_is_no_number_is_explained(text: str) -> None:
    assert errors(capacity=text) == {"capacity": "请填写1到1000000之间的整数。"}


def test_row_says_everything() -> None:
    plan = planned(
        address="昆明市安宁市宁波路1号",
        title="第一场",
        guests="耿家盛，全国劳动模范，昆明机床厂\n李师傅",
        in_charge="王",
    )

    assert plan == Plan(
        starts_at=datetime(2026, 12, 5, 1, 0, tzinfo=UTC),
        ends_at=datetime(2026, 12, 5, 3, 0, tzinfo=UTC),
        opens_at=DEFAULTS.opens_at,
        closes_at=datetime(2026, 12, 5, 1, 0, tzinfo=UTC),
        capacity=300,
        venue="大礼堂",
        address="昆明市安宁市宁波路1号",
        site="云南技师学院",
        in_charge="王",
        title="第一场",
        guests=(("耿家盛", "全国劳动模范", "昆明机床厂"), ("李师傅", "", "")),
    )


@pytest.mark.parametrize(
    ("starts", "ends", "hour"),
    [("下午2:30", "4:30", 16), ("下午2:30", "16:30", 16), ("晚上7点半", "9:30", 21), ("9:30", "11:30", 11)],
)
def test_end_beside_an_afternoon_is_in_the_afternoon_too(starts: str, ends: str, hour: int) -> None:
    assert local(planned(starts=starts, ends=ends).ends_at).hour == hour


@pytest.mark.parametrize(
    "changes",
    [
        {"starts": "9:00-11:00", "ends": ""},
        {"day": "", "starts": "2026-12-05 9:00"},
        {"day": "", "starts": "2026-12-05 9:00-11:00", "ends": ""},
        {"day": "12月5日上午9:00-11:00", "starts": "", "ends": ""},
        {"day": "2026-12-05 09:00", "starts": ""},
        {"starts": "2026-12-05 09:00", "ends": "2026-12-05 11:00"},
        {"ends": "12月5日11点"},
    ],
)
def test_day_and_hours_are_found_wherever_they_stand(changes: dict[str, str]) -> None:
    assert hours(planned(DEFAULTS, **changes)) == "2026年12月5日（周六）09:00–11:00"


def test_session_may_end_on_another_day() -> None:
    assert (
        hours(planned(ends="2026-12-07 17:00")) == "2026年12月5日（周六）09:00 – 2026年12月7日（周一）17:00"
    )
    assert (
        hours(planned(starts="22:00", ends="24:00"))
        == "2026年12月5日（周六）22:00 – 2026年12月6日（周日）00:00"
    )


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        (
            {"ends": "8:00"},
            "ends",
            "结束时间应晚于开始时间；第二天才结束的，请写上日期，如2026-12-06 01:00。",
        ),
        (
            {"ends": "9:00"},
            "ends",
            "结束时间应晚于开始时间；第二天才结束的，请写上日期，如2026-12-06 01:00。",
        ),
        ({"ends": "2027-01-14 9:00"}, "ends", "一个场次最长31天；更长的活动请分成几个场次。"),
        ({"day": "2026-02-31"}, "day", "没有2月31日这一天。"),
        ({"day": ""}, "day", "请写日期。"),
        ({"day": "", "starts": ""}, "day", "请写日期。"),
        ({"day": "待定"}, "day", "看不懂这个日期。请写成2026-12-05或12月5日。"),
        ({"starts": ""}, "starts", "请写开始时间。"),
        ({"starts": "待定"}, "starts", "看不懂这个时间。请写成9:00或下午2:30。"),
        ({"starts": "2026-12-06 09:00"}, "starts", "看不懂这个时间。请写成9:00或下午2:30。"),
        ({"ends": ""}, "ends", "请写结束时间。"),
        ({"ends": "晚些"}, "ends", "看不懂这个时间。请写成9:00或下午2:30。"),
        ({"capacity": ""}, "capacity", "请写名额。"),
        ({"venue": "", "site": ""}, "venue", "请写场地。"),
        ({"venue": "长" * 101}, "venue", "太长了，最多100个字，现在有101个。"),
        ({"title": "\u202e反"}, "title", "含有看不见的控制字符，请删去后重新填写。"),
        ({"guests": "长" * 61}, "guests", "太长了，最多60个字，现在有61个。"),
        (
            {"day": "2026-10-01"},
            "day",
            "报名从2026年11月1日（周日）08:00开始，这一场那时已经截止。请改日期，或改早报名开始时间。",
        ),
    ],
)
def test_mistake_has_its_sentence_at_its_field(changes: dict[str, str], field: str, sentence: str) -> None:
    assert errors(DEFAULTS, **changes)[field] == sentence


def test_all_mistakes_of_a_row_are_told_at_once() -> None:
    found = errors(day="2月31日", starts="25:00", capacity="很多", venue="", site="", title="\x00")

    assert list(found) == ["title", "venue", "day", "starts", "capacity"]


def test_endless_cells_are_given_up_at_once() -> None:
    """The patterns would search them for minutes."""
    for cell in ("一" * 5_000, "." * 5_000, "2026-12-05 " + "九" * 5_000, "(" * 5_000, "12月" * 2_000):
        assert errors(day=cell, starts=cell, ends=cell, capacity=cell)
    assert errors(guests="、".join("甲乙丙丁戊己"[n % 6] + str(n) for n in range(51))) == {
        "guests": "一场最多50位嘉宾，现在有51位。"
    }


def test_hours_are_looked_at_even_where_the_day_is_wrong() -> None:
    assert list(errors(day="2月31日", ends="8:00")) == ["day", "ends"]


def test_defaults_fill_what_a_row_leaves_open() -> None:
    usual = Defaults(
        opens_at=DEFAULTS.opens_at,
        closes_at_start=False,
        venue="报告厅",
        address="昆明",
        capacity="80",
        starts="14:00",
        ends="16:00",
    )

    plan = planned(usual, venue="", capacity="", starts="", ends="")

    assert hours(plan) == "2026年12月5日（周六）14:00–16:00"
    assert (plan.venue, plan.address, plan.capacity, plan.closes_at) == ("报告厅", "昆明", 80, plan.ends_at)


def test_row_goes_before_defaults() -> None:
    usual = Defaults(
        opens_at=DEFAULTS.opens_at,
        venue="报告厅",
        address="昆明",
        capacity="80",
        starts="14:00",
        ends="16:00",
    )

    plan = planned(usual, starts="9:00-10:00", ends="")

    assert hours(plan) == "2026年12月5日（周六）09:00–10:00"
    assert (plan.venue, plan.address, plan.capacity) == ("大礼堂", "", 300)


def test_school_is_the_venue_where_none_is_named() -> None:
    assert planned(venue="").venue == "云南技师学院"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("耿家盛、李师傅", ["耿家盛", "李师傅"]),
        ("耿家盛；李师傅", ["耿家盛", "李师傅"]),
        ("耿家盛，全国劳动模范、全国五一劳动奖章获得者", ["耿家盛"]),
        ("耿家盛\n耿家盛\n", ["耿家盛"]),
        ("", []),
    ],
)
def test_guests_are_parted_as_people_part_them(text: str, names: list[str]) -> None:
    assert [name for name, _honour, _unit in read_guests(text)] == names


@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=60)))
def test_no_text_is_more_than_an_error(row: dict[str, str]) -> None:
    plan, found = read_row(row, DEFAULTS, TODAY)

    assert (plan is None) == bool(found)
    assert all(field in FIELDS and sentence.endswith("。") for field, sentence in found.items())


@given(days, minutes, st.integers(1, 31 * 24 * 60))
def test_what_a_row_says_is_what_is_planned(day: date, minute: int, lasts: int) -> None:
    starts_at = clock.midnight(day) + timedelta(minutes=minute)
    ends_at = starts_at + timedelta(minutes=lasts)
    row = ROW | {
        "day": day.isoformat(),
        "starts": f"{starts_at:%H:%M}",
        "ends": f"{ends_at:%Y-%m-%d %H:%M}",
    }

    plan, found = read_row(row, Defaults(opens_at=datetime(1999, 1, 1, tzinfo=UTC)), TODAY)

    if ends_at.year > 2100:
        assert list(found) == ["ends"]
    else:
        assert plan is not None
        assert (plan.starts_at, plan.ends_at) == (starts_at, ends_at)


@pytest.mark.parametrize(
    "header",
    [
        ["学校", "场地", "日期", "开始", "结束", "名额"],
        ["接待学校或企业", "地点", "活动日期", "开始时间", "结束时间", "人数"],
        ["School", "Venue", "Date", "Start", "End", "Capacity"],
        ["host school", "LOCATION", "date", "start time", "End Time", "seats"],
        [" 学 校 ", "场地（必填）", "日期：", "开始\n时间", "结束(北京时间)", "名额*"],
    ],
)
def test_columns_are_known_by_their_names(header: list[str]) -> None:
    cells = ["云南技师学院", "大礼堂", "2026-12-05", "9:00", "11:00", "300"]

    assert rows_of([header, cells]) == ([ROW | {"line": "2"}], [])


def test_columns_may_stand_in_any_order_with_others_between() -> None:
    table = [
        ["劳模工匠进校园安排表"] * 8,
        [],
        ["序号", "名额", "日期", "学校", "备注", "结束", "场地", "开始", "备注"],
        ["1", "300", "2026-12-05", "云南技师学院", "带投影", "11:00", "大礼堂", "9:00"],
        [],
        ["（例）", "300", "2026-12-06", "乙校", "", "", "", ""],
        ["序号", "名额", "日期", "学校", "备注", "结束", "场地", "开始", "备注"],
        ["2", "", "12月6日", "丙校", "", "", "", ""],
    ]
    table[5] = ["", "300", "2026-12-06", "（例）乙校"]

    rows, ignored = rows_of(table)

    assert (rows[0], ignored) == (ROW | {"line": "4"}, ["序号", "备注"])
    assert [(row["line"], row["site"], row.get("venue", "")) for row in rows[1:]] == [("8", "丙校", "")]


def test_line_that_adds_up_the_others_is_no_session() -> None:
    header = ["学校", "日期", "名额", "主题"]
    kept = [["总计", "2026-12-05", "3", ""], ["总计划学校", "", "3", ""]]

    rows, _ = rows_of([header, *kept, ["合 计", "", "6", ""], ["", "", "6", "Total:"]])

    assert [row["line"] for row in rows] == ["2", "3"]


@pytest.mark.parametrize(
    "table", [[], [[""]], [["学校", "名额"], ["甲", "3"]], [["甲校", "2026-12-05"]], [["日期"]]]
)
def test_table_without_a_header_is_refused(table: list[list[str]]) -> None:
    with pytest.raises(Refused, match="没有找到表头"):
        rows_of(table)


@given(st.lists(st.lists(st.text(max_size=8), max_size=6), max_size=6))
def test_no_table_is_more_than_refused(table: list[list[str]]) -> None:
    header: list[Any] = ["日期", "学校"]

    rows, _ignored = rows_of([header, *table])

    assert len(rows) <= len(table)
