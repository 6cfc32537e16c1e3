"""Excel workbooks (.xlsx): text stays text, whatever it looks like; numbers and times stay numbers and times.

A phone keeps its leading zero and a person named “=1+1” is a name, because a str is written as a string and never
looked into. Rows go to a temporary file as they come, so a long list costs no memory.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Enum
from io import BytesIO
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from events_app.lib import clock

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Value: TypeAlias = str | int | float | datetime | None

_A4 = 9
_TOP = {"bold": True, "bg_color": "#F1EAE0", "bottom": 1, "valign": "vcenter", "text_wrap": True}
_LAST = {"bold": True, "top": 1}
_FORBIDDEN_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|]')
_FORBIDDEN_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")


class Kind(Enum):
    """What a column holds, as the number format in which Excel shows it."""

    TEXT = "@"
    WRAPPED = "@ "
    WHOLE = "#,##0"
    NUMBER = "0.0"
    SHARE = "0.0%"
    MOMENT = "yyyy-mm-dd hh:mm"


class Column(NamedTuple):
    """`width` is counted in Latin letters; a Chinese one takes two."""

    title: str
    kind: Kind
    width: float


class Book:
    """A workbook in the making; used with `with`, so that its temporary files go away whatever happens."""

    def __init__(self) -> None:
        from xlsxwriter import Workbook  # here, not above: most processes never write one

        self._directory = TemporaryDirectory(prefix="events-sheets-")
        self._out = BytesIO()
        options = {"constant_memory": True, "tmpdir": self._directory.name}
        self._book = Workbook(self._out, options)

    def __enter__(self) -> "Book":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for sheet in self._book.worksheets():
            if sheet.row_data_fh and not sheet.row_data_fh.closed:  # left open when writing was broken off
                sheet.row_data_fh.close()
        self._directory.cleanup()

    def sheet(self, name: str, columns: Sequence[Column]) -> "Sheet":
        """A further sheet. All its rows are added before the next sheet is begun."""
        sheet = self._book.add_worksheet(_FORBIDDEN_IN_SHEET_NAMES.sub(" ", name)[:31])
        return Sheet(sheet, columns, self._formats(columns, {}), self._formats(columns, _LAST), self._top())

    def finish(self) -> bytes:
        self._book.close()
        return self._out.getvalue()

    def _formats(self, columns: Sequence[Column], more: dict[str, Any]) -> list["Format"]:
        return [self._book.add_format(_look(column.kind) | more) for column in columns]

    def _top(self) -> "Format":
        return self._book.add_format(_TOP)


class Sheet:
    """Rows under a header that stays in sight and can be filtered; prints on A4, as wide as the paper."""

    def __init__(
        self,
        sheet: "Worksheet",
        columns: Sequence[Column],
        formats: list["Format"],
        last: list["Format"],
        top: "Format",
    ) -> None:
        self._sheet, self._columns, self._formats, self._last = sheet, columns, formats, last
        self._row = 0
        for number, column in enumerate(columns):
            sheet.set_column(number, number, column.width)
            sheet.write_string(0, number, column.title, top)
        sheet.freeze_panes(1, 0)
        _set_paper(sheet)
        self._mark(0)

    def add(self, rows: Iterable[Sequence[Value]]) -> None:
        for row in rows:
            self._write(row, self._formats)
        self._mark(self._row)

    def total(self, row: Sequence[Value]) -> None:
        """The last row, set apart and left out of filters."""
        self._write(row, self._last)

    def _write(self, row: Sequence[Value], formats: list["Format"]) -> None:
        self._row += 1
        for column, (value, look) in enumerate(zip(row, formats, strict=True)):
            _write_cell(self._sheet, self._row, column, value, look)

    def _mark(self, last_row: int) -> None:
        """What is filtered so far; phones are text on purpose, so Excel need not warn of numbers in them."""
        last_column = len(self._columns) - 1
        self._sheet.autofilter(0, 0, last_row, last_column)
        self._sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last_row + 1}"})


def file_name(*parts: str) -> str:
    """“活动 2026-12-05 签到名单.xlsx”, without what file systems forbid."""
    return _FORBIDDEN_IN_FILE_NAMES.sub("_", " ".join(part for part in parts if part)) + ".xlsx"


def _write_cell(sheet: "Worksheet", row: int, column: int, value: Value, look: "Format") -> None:
    match value:
        case None:
            sheet.write_blank(row, column, None, look)
        case str():
            sheet.write_string(row, column, value, look)
        case datetime():
            sheet.write_datetime(row, column, clock.local(value).replace(tzinfo=None), look)
        case _:
            sheet.write_number(row, column, value, look)


def _look(kind: Kind) -> dict[str, Any]:
    look: dict[str, Any] = {"num_format": kind.value.strip(), "valign": "top"}
    return look | {"text_wrap": True} if kind is Kind.WRAPPED else look


def _set_paper(sheet: "Worksheet") -> None:
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&C&P / &N")
