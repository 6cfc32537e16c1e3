"""Tables come out of files as they are seen in Excel, and whatever is no table is refused with a sentence."""

import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from io import BytesIO

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events_app.lib.errors import Refused
from events_app.lib.sheets import read_lines, read_table, read_text

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"
TOO_LARGE = "这个工作簿展开以后太大，没有读取。请只留下要导入的那张表，另存为.xlsx，再上传。"
DAMAGED = "这个文件打不开，可能已经损坏。请用Excel打开，另存为.xlsx，再上传。"
NO_WORKBOOK = "这是一个压缩文件，但不是Excel工作簿（.xlsx）。请用Excel另存为.xlsx，再上传。"
OLD = "这是旧版Excel文件（.xls），或者加了密码。请用Excel另存为没有密码的.xlsx，再上传。"
NEITHER = "这不是Excel工作簿（.xlsx），也不是CSV文本。请用Excel另存为.xlsx，再上传。"


def workbook(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    fill(book)
    book.close()
    return out.getvalue()


def zipped(**parts: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in parts.items():
            book.writestr(name.replace("__", "/"), text)
    return out.getvalue()


def handmade(cells: str, *, megabytes: int = 0, before: str = "") -> bytes:
    """A workbook whose sheet has these cells and then so many megabytes of the letter a."""
    genuine = zipfile.ZipFile(BytesIO(workbook(lambda book: book.add_worksheet("表"))))
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name in genuine.namelist():
            if name != SHEET:
                book.writestr(name, genuine.read(name))
        with book.open(SHEET, "w") as sheet:
            sheet.write(f'{before}<worksheet xmlns="{SPREADSHEET}"><sheetData><row r="1">{cells}'.encode())
            if megabytes:
                sheet.write(b'<c r="Z1" t="str"><v>')
                for _megabyte in range(megabytes):
                    sheet.write(b"a" * 1024 * 1024)
                sheet.write(b"</v></c>")
            sheet.write(b"</row></sheetData></worksheet>")
    return out.getvalue()


async def refusal(body: bytes) -> str:
    with pytest.raises(Refused) as refused:
        await read_table(body)
    return refused.value.sentence


async def test_cells_are_what_one_sees_in_excel() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        looks = {
            name: book.add_format({"num_format": name})
            for name in ("yyyy-mm-dd", "hh:mm", "yyyy-mm-dd hh:mm", 'm"月"d"日"', "[h]:mm")
        }
        sheet.write_datetime(0, 0, date(2026, 12, 5), looks["yyyy-mm-dd"])
        sheet.write_datetime(0, 1, time(9, 0), looks["hh:mm"])
        sheet.write_datetime(0, 2, datetime(2026, 12, 5, 9, 30), looks["yyyy-mm-dd hh:mm"])
        sheet.write_datetime(0, 3, date(2026, 12, 5), looks['m"月"d"日"'])
        sheet.write_datetime(0, 4, timedelta(hours=33, minutes=30), looks["[h]:mm"])
        sheet.write_number(0, 5, 300)
        sheet.write_number(0, 6, 13800001234)
        sheet.write_string(0, 7, "08711234567")
        sheet.write_number(0, 8, 0.5)
        sheet.write_boolean(0, 9, True)
        sheet.write_string(0, 10, " 𬱖㛃·阿依古丽 ")

    assert await read_table(workbook(fill)) == [
        [
            "2026-12-05",
            "09:00",
            "2026-12-05 09:30",
            "2026-12-05",
            "33:30",
            "300",
            "13800001234",
            "08711234567",
            "0.5",
            "TRUE",
            "𬱖㛃·阿依古丽",
        ]
    ]


async def test_minutes_survive_counting_in_fractions_of_a_day() -> None:
    moments = [datetime(2026, 12, 5, hour, minute) for hour in range(24) for minute in range(0, 60, 5)]

    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        both = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        clock = book.add_format({"num_format": "hh:mm"})
        for row, moment in enumerate(moments):
            sheet.write_datetime(row, 0, moment, both)
            sheet.write_datetime(row, 1, moment.time(), clock)

    rows = await read_table(workbook(fill))

    assert [row[1] for row in rows] == [f"{moment:%H:%M}" for moment in moments]
    assert [row[0] for row in rows[1:]] == [f"{moment:%Y-%m-%d %H:%M}" for moment in moments[1:]]
    assert rows[0][0] == "2026-12-05"


async def test_merged_cells_all_hold_what_stands_in_the_first() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["日期", "学校"])
        sheet.merge_range(1, 0, 3, 0, "2026-12-05")
        sheet.write_column(1, 1, ["甲校", "乙校", "丙校"])

    rows = await read_table(workbook(fill))

    assert rows[1:] == [["2026-12-05", "甲校"], ["2026-12-05", "乙校"], ["2026-12-05", "丙校"]]


async def test_blank_lines_keep_their_place() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_string(2, 1, "学校")
        sheet.write_string(5, 1, "甲校")

    rows = await read_table(workbook(fill))

    assert [(line, row[1]) for line, row in enumerate(rows, 1) if any(row)] == [(3, "学校"), (6, "甲校")]


async def test_first_visible_sheet_with_something_in_it_is_read() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheets = [book.add_worksheet(name) for name in ("空的", "藏起来的", "场次", "说明")]
        sheets[1].hide()
        for sheet in sheets[1:]:
            sheet.write_string(0, 0, sheet.name)
        sheets[2].activate()
        sheets[2].set_first_sheet()

    assert await read_table(workbook(fill)) == [["场次"]]


async def test_formulas_give_what_excel_has_computed() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_formula(0, 0, "=100*3", None, 300)
        sheet.write_formula(0, 1, '="甲"&"校"', None, "甲校")
        sheet.write_formula(0, 2, "=DATE(2026,12,5)", book.add_format({"num_format": "yyyy-mm-dd"}), 46361)

    assert await read_table(workbook(fill)) == [["300", "甲校", "2026-12-05"]]


async def test_one_hidden_line_does_not_make_a_long_sheet_too_large() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        for line in range(20_000):
            sheet.write_row(line, 0, range(line, line + 45))
        sheet.set_row(6, options={"hidden": True})

    rows, hidden = await read_lines(workbook(fill))

    assert (len(rows), hidden) == (20_000, [7])


async def test_formula_without_a_result_is_named() -> None:
    body = handmade('<c r="A1"><v>1</v></c><c r="B1"><f>A1*2</f></c><c r="C1"><f>A1*3</f><v></v></c>')

    assert await refusal(body) == "单元格B1、C1的公式还没有算出结果。请在Excel里打开，保存一次，再上传。"


async def test_error_in_a_cell_is_named() -> None:
    body = handmade('<c r="A1"><v>1</v></c><c r="B1" t="e"><f>1/0</f><v>#DIV/0!</v></c>')

    assert await refusal(body) == "单元格B1 #DIV/0!是错误值。请在Excel里改正，再上传。"


async def test_handmade_workbook_is_read() -> None:
    """Otherwise the tests with handmade ones prove nothing."""
    assert (await read_table(handmade('<c r="A1"><v>1</v></c>')))[0][0] == "1"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"PK\x03\x04", DAMAGED),
        (b"PK\x03\x04" + b"\0" * 5000, DAMAGED),
        (handmade("")[:-40], DAMAGED),
        (zipped(a="x"), NO_WORKBOOK),
        (zipped(word__document="x"), NO_WORKBOOK),
        (zipped(**{"xl__workbook.bin": "x"}), "这是二进制工作簿（.xlsb）。请用Excel另存为.xlsx，再上传。"),
        (zipped(**{"xl__workbook.xml": "<a/>", **{f"p{n}": "" for n in range(2500)}}), TOO_LARGE),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, OLD),
        (b"%PDF-1.7\x00\x01", NEITHER),
        (b"\x89PNG\r\n\x1a\n\x00", NEITHER),
        (b"\xff\xfe\x00", NEITHER),
    ],
    ids=range(11),
)
async def test_what_is_no_workbook_is_refused(body: bytes, sentence: str) -> None:
    assert await refusal(body) == sentence


async def test_workbook_that_unpacks_to_two_gigabytes_is_refused_unopened() -> None:
    assert await refusal(handmade("", megabytes=2000)) == TOO_LARGE


async def test_workbook_that_lies_about_its_size_is_refused() -> None:
    body = bytearray(handmade("", megabytes=300))
    directory = body.rindex(b"PK\x01\x02")
    assert int.from_bytes(body[directory + 24 : directory + 28], "little") > 300 * 1024 * 1024
    body[directory + 24 : directory + 28] = (1000).to_bytes(4, "little")

    assert await refusal(bytes(body)) in (DAMAGED, TOO_LARGE)


async def test_cells_at_the_ends_of_a_sheet_are_too_much() -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "甲")
        sheet.write_string(1_048_575, 16_383, "乙")

    assert await refusal(workbook(fill)) == TOO_LARGE


async def test_entities_that_swell_come_to_nothing() -> None:
    levels = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    entities = f'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">{levels}]>'

    assert await refusal(handmade('<c r="A1" t="str"><f>1</f><v>&a9;</v></c>', before=entities)) == DAMAGED


@pytest.mark.parametrize(
    "body",
    [
        "学校,名额\r\n甲校,300\r\n",
        "\ufeff学校,名额\n甲校,300",
        "学校;名额\n甲校;300\n",
        "学校\t名额\r甲校\t300\r",
        "学校，名额\n甲校，300",
        '"学校", "名额"\n甲校, 300',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
async def test_csv_is_read_whoever_wrote_it(body: str, encoding: str) -> None:
    assert await read_table(body.encode(encoding)) == [["学校", "名额"], ["甲校", "300"]]


async def test_names_survive_gb18030() -> None:
    assert await read_table("姓名,单位\n𬱖㛃,阿依古丽·买买提".encode("gb18030")) == [
        ["姓名", "单位"],
        ["𬱖㛃", "阿依古丽·买买提"],
    ]


def test_pasted_cells_may_hold_commas_quotes_and_line_breaks() -> None:
    pasted = '学校\t嘉宾\n甲校\t"耿家盛，全国劳动模范\n李师傅"\n"""乙""校"\t王、李'

    assert read_text(pasted) == [
        ["学校", "嘉宾"],
        ["甲校", "耿家盛，全国劳动模范\n李师傅"],
        ['"乙"校', "王、李"],
    ]


def test_cell_without_end_is_refused() -> None:
    with pytest.raises(Refused, match="文字太长"):
        read_text('学校\n"' + "长" * 200_000)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
async def test_no_bytes_are_more_than_refused(body: bytes) -> None:
    for beginning in (b"", b"PK\x03\x04"):
        try:
            rows = await read_table(beginning + body)
        except Refused as refused:
            assert refused.sentence.endswith("。")  # noqa: PT017
        else:
            assert all(isinstance(cell, str) for row in rows for cell in row)
