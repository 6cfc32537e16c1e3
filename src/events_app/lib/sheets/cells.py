"""A program of its own: takes a workbook (.xlsx) on standard input, prints its cells as JSON.

Whatever is hostile in a file is met here, where memory, time and output are capped, where no secret is and no database.
It starts within tens of milliseconds, because it imports nothing of events_app.

Prints {"rows": [["…"]], "hidden": [lines]} – the first visible sheet that is not empty, line by line, and which of them
nobody sees in Excel – or {"problem": "…", "cells": […]}.
"""

import json
import re
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

_MEMORY = 512 * 1024 * 1024  # bytes
_SECONDS = 10
_MOST_PARTS = 2_000
_MOST_UNPACKED = 64 * 1024 * 1024  # bytes
# Sheets of the same words over and over shrink to a hundredth; deflate's best is a thousandth.
_MOST_RATIO = 200
_RATIO_COUNTS_FROM = 1024 * 1024  # bytes
_MOST_CELLS = 1_000_000
_MOST_LINES = 50_000
_MOST_COLUMNS = 100
_LONGEST_CELL = 5_000
_MOST_TEXT = 8 * 1024 * 1024
_MOST_NAMED = 5
_MAY_LACK_A_VALUE = re.compile(rb'<(?:\w+:)?f[\s>/]|\bt="e"')
_MAY_HIDE = re.compile(rb'<(?:\w+:)?row\b[^>]*\bhidden="')

Merged = list[tuple[tuple[int, int], tuple[int, int]]]


class _Problem(Exception):
    def __init__(self, name: str, cells: list[str] | None = None) -> None:
        super().__init__(name)
        self.answer = {"problem": name, "cells": cells or []}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    try:
        rows, hidden = _rows(sys.stdin.buffer.read())
        answer: dict[str, Any] = {"rows": rows, "hidden": hidden}
    except _Problem as problem:
        answer = problem.answer
    except MemoryError:
        answer = {"problem": "large", "cells": []}
    except BaseException:  # a panic of the library is no Exception
        answer = {"problem": "damaged", "cells": []}
    sys.stdout.write(json.dumps(answer))


def _rows(body: bytes) -> tuple[list[list[str]], list[int]]:
    _check_parts(body)
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(BytesIO(body))
    for about in book.sheets_metadata:
        if about.typ == SheetTypeEnum.WorkSheet and about.visible == SheetVisibleEnum.Visible:
            sheet = book.get_sheet_by_name(about.name)
            if sheet.end is not None:
                with ZipFile(BytesIO(body)) as parts:
                    source = parts.read(_part_of(parts, about.name))
                _check_values(source)
                return _filled(sheet), _hidden(source)
    return [], []


def _check_parts(body: bytes) -> None:
    """What the zip says of itself; one that lies is stopped by the cap on memory."""
    try:
        parts = ZipFile(BytesIO(body)).infolist()
    except (BadZipFile, NotImplementedError, ValueError, OverflowError):
        raise _Problem("damaged") from None
    names = {part.filename.lower() for part in parts}
    if "xl/workbook.bin" in names:
        raise _Problem("binary")
    if "xl/workbook.xml" not in names:
        raise _Problem("other")
    if any(part.flag_bits & 1 for part in parts):
        raise _Problem("encrypted")
    if (
        len(parts) > _MOST_PARTS
        or sum(p.file_size for p in parts) > _MOST_UNPACKED
        or any(map(_is_bomb, parts))
    ):
        raise _Problem("large")


def _is_bomb(part: ZipInfo) -> bool:
    return part.file_size > _RATIO_COUNTS_FROM and part.file_size > part.compress_size * _MOST_RATIO


def _filled(sheet: Any) -> list[list[str]]:
    """Lines from the first one on, blank ones too, so that a place in the list is a line in Excel."""
    if sheet.total_height > _MOST_LINES or sheet.total_height * sheet.total_width > _MOST_CELLS:
        raise _Problem("large")
    cells = sheet.to_python(skip_empty_area=False)
    rows = [[_text(value) for value in row[:_MOST_COLUMNS]] for row in cells]
    _fill_merged(rows, sheet.merged_cell_ranges or [])
    if sum(len(text) for row in rows for text in row) > _MOST_TEXT:
        raise _Problem("large")
    return rows


def _fill_merged(rows: list[list[str]], merged: Merged) -> None:
    """What stands in the first of merged cells is meant for all of them."""
    for (top, left), (bottom, right) in merged[:_MOST_PARTS]:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [rows[top][left]] * len(row[left : right + 1])


def _text(value: object) -> str:
    match value:
        case bool():
            return str(value).upper()
        case float():
            return format(value, ".15g") if abs(value) >= 1e15 or value % 1 else str(int(value))
        case datetime():
            return _datetime_text(value)
        case date():
            return value.isoformat()
        case time():
            return _clock_text(timedelta(hours=value.hour, minutes=value.minute, seconds=value.second))
        case timedelta():
            return _clock_text(value)
        case _:
            return str(value)[:_LONGEST_CELL].strip()


def _datetime_text(value: datetime) -> str:
    """Excel counts in fractions of a day: 9:30 may come as 9:29:59.999999."""
    rounded = (value + timedelta(milliseconds=500)).replace(microsecond=0)
    return f"{rounded.date()} {rounded:%H:%M:%S}".removesuffix(":00").removesuffix(" 00:00")


def _clock_text(value: timedelta) -> str:
    minutes = round(value.total_seconds() / 60)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _hidden(sheet: bytes) -> list[int]:
    """The lines that a filter or a hand has hidden (ECMA-376 part 1, §18.3.1.73)."""
    if not _MAY_HIDE.search(sheet):
        return []
    hidden = []
    for row in _elements(sheet, "row"):
        if row.get("hidden") in ("1", "true"):
            hidden.append(int(row.get("r", "0")))
        row.clear()  # a long sheet's cells, all kept, would not fit under the cap
    return hidden


def _check_values(sheet: bytes) -> None:
    """The library reads a formula without a result, and an error, as nothing: that would be lost in silence."""
    if not _MAY_LACK_A_VALUE.search(sheet):
        return
    without, wrong = _lacking(sheet)
    if without:
        raise _Problem("formulas", without)
    if wrong:
        raise _Problem("errors", wrong)


def _part_of(book: ZipFile, name: str) -> str:
    """Where the sheet of that name is kept (ECMA-376 part 1, §18.2.19)."""
    sheets = _elements(book.read("xl/workbook.xml"), "sheet")
    about = next(sheet for sheet in sheets if sheet.get("name") == name)
    relation = next(value for key, value in about.items() if key.endswith("}id"))
    relations = _elements(book.read("xl/_rels/workbook.xml.rels"), "Relationship")
    target: str = next(r.get("Target") for r in relations if r.get("Id") == relation)
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _lacking(sheet: bytes) -> tuple[list[str], list[str]]:
    """The first cells whose formula has no result, and those whose value is an error such as #REF!."""
    without: list[str] = []
    wrong: list[str] = []
    for cell in _elements(sheet, "c"):
        parts = {_local(part.tag): part.text for part in cell}
        if cell.get("t") == "e":
            wrong.append(f"{cell.get('r', '')} {parts.get('v') or ''}".strip())
        elif "f" in parts and not parts.get("v") and cell.get("t") != "str":
            without.append(cell.get("r", ""))
        cell.clear()
    return without[:_MOST_NAMED], wrong[:_MOST_NAMED]


def _elements(xml: bytes, name: str) -> Iterator[Any]:
    """Those of that name, in whatever dialect of the namespace. Expat itself stops entities that swell."""
    from xml.etree.ElementTree import iterparse

    for _event, element in iterparse(BytesIO(xml)):  # noqa: S314 - in a process of its own, which is capped
        if _local(element.tag) == name:
            yield element


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


if __name__ == "__main__":
    main()
