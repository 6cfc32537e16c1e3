"""Which column of a table holds what: names in Chinese and English, in any order."""

import re
import unicodedata
from collections.abc import Sequence

from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.programmes.rules.rows import Row

# A row that begins so, as in our own template, is read by nobody.
EXAMPLE = "（例）"

_HEADER_WITHIN = 30  # lines
_SUM = re.compile(r"(合计|总计|小计|共计|grand ?total|sub-?total|total)[:：]?", re.IGNORECASE)
_NOT_IN_A_NAME = re.compile(r"\(.*?\)|[\W_]")
_NAMES = {
    "site": "学校 接待学校 接待单位 接待学校或企业 学校或企业 学校企业 学校名称 单位 单位名称 院校 企业 公司 承办学校 "
    "school hostschool site company organization organisation host schoolorcompany",
    "venue": "场地 地点 场馆 会场 活动地点 活动场地 具体地点 场所 教室 venue place location hall room",
    "address": "地址 详细地址 场地地址 address venueaddress",
    "day": "日期 活动日期 举办日期 时间日期 日子 date day eventdate",
    "starts": "开始 开始时间 时间 活动时间 起 起始 起始时间 start starts starttime begin begins time from",
    "ends": "结束 结束时间 止 截止 终止 end ends endtime until to finish",
    "capacity": "名额 人数 容量 限额 规模 座位 座位数 计划人数 预计人数 capacity seats places size participants",
    "title": "名称 场次 场次名称 标题 主题 内容 活动名称 题目 title name session sessionname sessiontitle topic",
    "guests": "嘉宾 嘉宾名单 劳模 工匠 劳模工匠 讲师 主讲 主讲人 授课人 宣讲人 guest guests speaker speakers trainer",
    "in_charge": "负责人 现场负责人 组织者 负责 incharge organiser organizer responsible personincharge",
}
_FIELD_NAMED = {name: field for field, names in _NAMES.items() for name in names.split()}


def rows_of(table: Sequence[Sequence[str]]) -> tuple[list[Row], list[str]]:
    """The rows below the header, each with its `line`, and the columns that are none of ours; raises Refused."""
    line, header = _header(table)
    columns = _columns(header)
    rows = []
    for number, cells in enumerate(table[line:], line + 1):
        row = {field: cells[n] for field, n in columns.items() if n < len(cells)}
        if (
            any(row.values())
            and not _is_example(row)
            and not _is_sum(cells, row)
            and list(cells) != list(header)
        ):
            rows.append(row | {"line": str(number)})
    ignored = [name for n, name in enumerate(header) if name and n not in columns.values()]
    return rows, list(dict.fromkeys(ignored))


def _header(table: Sequence[Sequence[str]]) -> tuple[int, Sequence[str]]:
    """The first line that names a day or a time and something else, and how many lines there are up to it."""
    for line, cells in enumerate(table[:_HEADER_WITHIN], 1):
        fields = set(_columns(cells))
        if len(fields) > 1 and fields & {"day", "starts"}:
            return line, cells
    raise Refused(
        _("没有找到表头。请在第一行写上“学校、场地、日期、开始、结束、名额”，顺序不限，或者下载模板来填。"),
        "no_header",
    )


def _columns(header: Sequence[str]) -> dict[str, int]:
    """By field, the first column that is called so."""
    columns: dict[str, int] = {}
    for number, name in enumerate(header):
        plain = _NOT_IN_A_NAME.sub("", unicodedata.normalize("NFKC", name[:100]).lower())
        if field := _FIELD_NAMED.get(plain):
            columns.setdefault(field, number)
    return columns


def _is_example(row: Row) -> bool:
    return any(cell.startswith((EXAMPLE, "(例)")) for cell in row.values())


def _is_sum(cells: Sequence[str], row: Row) -> bool:
    """Whether a line adds up those above it: it says so, and names neither day nor time."""
    timed = row.get("day") or row.get("starts")
    return not timed and any(_SUM.fullmatch(re.sub(r"\s", "", cell[:20])) for cell in cells)
