"""Tables out of files and out of what was pasted, as rows of text: dates 2026-12-05, times 09:00, numbers as written.

Workbooks come from strangers, so each is read by a program of its own (cells.py) whose memory and time are capped.
Everything here raises Refused with a whole sentence.
"""

import asyncio
import csv
import sys
from collections import Counter
from io import StringIO
from pathlib import Path

import msgspec

from events_app.lib.errors import Refused
from events_app.lib.language import gettext as _
from events_app.lib.language import listed

_PROGRAM = Path(__file__).with_name("cells.py")
_PATIENCE = 20  # seconds
# Each may take half a gigabyte for a moment.
_at_once = asyncio.Semaphore(2)

_ZIP = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# What Chinese Excel writes for “CSV”, and what everything else writes.
_ENCODINGS = ("utf-8-sig", "gb18030")
_SEPARATORS = ("\t", ",", ";", "，", "；")
_MOST_LINES = 50_000
_CONTROLS = frozenset(map(chr, range(32))) - {"\t", "\n", "\r"}


class _Answer(msgspec.Struct):
    rows: list[list[str]] | None = None
    hidden: list[int] = []
    problem: str = ""
    cells: list[str] = []


async def read_table(body: bytes) -> list[list[str]]:
    """A workbook's first sheet, or a CSV file. A place in the list is the line in the file, blank ones included."""
    rows, _hidden = await read_lines(body)
    return rows


async def read_lines(body: bytes) -> tuple[list[list[str]], list[int]]:
    """Like `read_table`, and which lines, counted from 1, are hidden in the workbook."""
    if body.startswith(_ZIP):
        return await _read_workbook(body)
    if body.startswith(_OLD_OFFICE):
        raise Refused(_old_office(), "bad_sheet")
    return read_text(_decoded(body)), []


def read_text(text: str) -> list[list[str]]:
    """What was copied out of a table, or CSV: parted by tabs, commas or semicolons, as the first line is."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > _MOST_LINES:
        raise Refused(_("行数太多，没有读取。请只留下要导入的行。"), "bad_sheet")
    first = next((line for line in text.split("\n") if line.strip()), "")
    counted = Counter(c for c in first if c in _SEPARATORS)
    separator = "\t" if counted["\t"] else max(_SEPARATORS, key=lambda c: counted[c])
    try:
        rows = list(csv.reader(StringIO(text), delimiter=separator, skipinitialspace=separator != "\t"))
    except csv.Error:
        raise Refused(_("有一格文字太长，或者引号没有成对。请检查后再试。"), "bad_sheet") from None
    return [[cell.strip() for cell in row] for row in rows]


async def _read_workbook(body: bytes) -> tuple[list[list[str]], list[int]]:
    async with _at_once:
        printed = await _run(body)
    try:
        answer = msgspec.json.decode(printed, type=_Answer)
    except msgspec.DecodeError:  # stopped by a cap before it could say anything
        answer = _Answer(problem="large")
    if answer.rows is None:
        raise Refused(_sentence(answer), "bad_sheet")
    return answer.rows, answer.hidden


async def _run(body: bytes) -> bytes:
    """What the program printed; nothing when it was stopped."""
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",  # neither our environment nor our folders
        str(_PROGRAM),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
    )
    try:
        async with asyncio.timeout(_PATIENCE):
            printed, _nothing = await program.communicate(body)
    except TimeoutError:
        return b""
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
    return printed if program.returncode == 0 else b""


def _decoded(body: bytes) -> str:
    encodings = ("utf-16",) if body.startswith(_UTF_16) else _ENCODINGS
    for encoding in encodings:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROLS.intersection(text):
            return text
    raise Refused(_("这不是Excel工作簿（.xlsx），也不是CSV文本。请用Excel另存为.xlsx，再上传。"), "bad_sheet")


def _sentence(answer: _Answer) -> str:
    named = listed(answer.cells)
    match answer.problem:
        case "formulas":
            return _("单元格%(cells)s的公式还没有算出结果。请在Excel里打开，保存一次，再上传。", cells=named)
        case "errors":
            return _("单元格%(cells)s是错误值。请在Excel里改正，再上传。", cells=named)
        case "large":
            return _("这个工作簿展开以后太大，没有读取。请只留下要导入的那张表，另存为.xlsx，再上传。")
        case "binary":
            return _("这是二进制工作簿（.xlsb）。请用Excel另存为.xlsx，再上传。")
        case "encrypted":
            return _old_office()
        case "other":
            return _("这是一个压缩文件，但不是Excel工作簿（.xlsx）。请用Excel另存为.xlsx，再上传。")
        case _:
            return _("这个文件打不开，可能已经损坏。请用Excel打开，另存为.xlsx，再上传。")


def _old_office() -> str:
    return _("这是旧版Excel文件（.xls），或者加了密码。请用Excel另存为没有密码的.xlsx，再上传。")
