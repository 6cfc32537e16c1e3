"""Workbooks give back what was put in: text as text, numbers as numbers, times as times."""

import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from events_app.lib.sheets import Book, Column, Kind, Value, file_name

COLUMNS = [Column("姓名", Kind.TEXT, 14), Column("人数", Kind.WHOLE, 8), Column("时间", Kind.MOMENT, 17)]


def written(*rows: list[Value], columns: list[Column] = COLUMNS) -> bytes:
    with Book() as book:
        book.sheet("名单", columns).add(rows)
        return book.finish()


def read(body: bytes, sheet: str = "名单") -> list[list[object]]:
    found = CalamineWorkbook.from_filelike(BytesIO(body)).get_sheet_by_name(sheet)
    return [list(row) for row in found.to_python(skip_empty_area=False)]


def part(body: bytes, name: str) -> str:
    return zipfile.ZipFile(BytesIO(body)).read(name).decode()


@pytest.mark.parametrize(
    "text",
    [
        "02861234567",
        "=1+1",
        "+86",
        "-1",
        "@SUM(A1)",
        "𬱖㛃",
        "阿不都·买买提",
        "1e5",
        "TRUE",
        "_x0041_",
        "<b>&",
        "{=1}",
    ],
)
def test_text_comes_back_as_it_was(text: str) -> None:
    assert read(written([text, 1, None]))[1][0] == text


def test_text_that_looks_like_a_formula_is_none() -> None:
    sheet = part(written(["=1+1", 1, None]), "xl/worksheets/sheet1.xml")

    assert "<f>" not in sheet
    assert "=1+1" in sheet


def test_numbers_and_times_keep_their_type() -> None:
    noon_in_shanghai = datetime(2026, 12, 5, 4, 0, tzinfo=UTC)

    row = read(written(["赵敏", 3, noon_in_shanghai]))[1]

    assert row == ["赵敏", 3.0, datetime(2026, 12, 5, 12, 0)]


def test_nothing_is_an_empty_cell() -> None:
    assert read(written(["赵敏", None, None], ["", 1, None]))[1][1] == ""


def test_header_stays_in_sight_and_can_be_filtered() -> None:
    sheet = part(written(["赵敏", 1, None], ["孙丽", 2, None]), "xl/worksheets/sheet1.xml")

    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A1:C3"/>' in sheet


def test_total_is_left_out_of_the_filter() -> None:
    with Book() as book:
        sheet = book.sheet("名单", COLUMNS)
        sheet.add([["赵敏", 1, None]])
        sheet.total(["合计", 1, None])
        body = book.finish()

    assert read(body)[2][:2] == ["合计", 1.0]
    assert '<autoFilter ref="A1:C2"/>' in part(body, "xl/worksheets/sheet1.xml")


def test_rows_may_come_in_portions() -> None:
    with Book() as book:
        sheet = book.sheet("名单", COLUMNS)
        for portion in range(3):
            sheet.add([[f"赵{portion}{number}", number, None] for number in range(2)])
        body = book.finish()

    assert [row[0] for row in read(body)[1:]] == ["赵00", "赵01", "赵10", "赵11", "赵20", "赵21"]


def test_sheet_names_are_made_to_fit() -> None:
    with Book() as book:
        book.sheet("2026/12：[" + "长" * 40, COLUMNS).add([])
        names = CalamineWorkbook.from_filelike(BytesIO(book.finish())).sheet_names

    assert names == ["2026 12： " + "长" * 22]


def test_temporary_files_go_even_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def broken_off() -> None:
        with Book() as book:
            book.sheet("名单", COLUMNS).add([["赵敏", 1, None]])
            assert any(tmp_path.iterdir())
            raise TimeoutError

    with pytest.raises(TimeoutError):
        broken_off()

    assert list(tmp_path.iterdir()) == []


def test_file_names_hold_nothing_that_file_systems_forbid() -> None:
    assert file_name("进校园 3/4", "", "2026-12-05", "签到名单") == "进校园 3_4 2026-12-05 签到名单.xlsx"
