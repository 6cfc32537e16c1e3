"""A table of sessions, what its rows leave open, and a batch's rows as they are typed on its page."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from litestar.datastructures import FormMultiDict

from events_app.accounts.tables import OrganizationKind
from events_app.lib.language import gettext as _
from events_app.programmes.rules.rows import FIELDS, Defaults, Row
from events_app.programmes.rules.typed import read_time, read_times, read_whole
from events_app.web.forms import Reader, line, many, moment, tick, whole

T = TypeVar("T")

_LONGEST_TABLE = 3_000_000
_LONGEST_CELL = 5_000
_MOST_SCHOOLS = 200


def typed(read: Callable[[str], object]) -> Reader:
    """Nothing, or text that `read` understands: kept as it was typed."""
    one = line(60, required=False)

    def check(raw: Any) -> str:
        text: str = one.read(raw)
        if text:
            read(text)
        return text

    return Reader(check)


def table() -> Reader:
    """Pasted cells. What is in them is read later, row by row."""

    def read(raw: Any) -> str:
        text = raw if isinstance(raw, str) else ""
        if len(text) > _LONGEST_TABLE:
            raise ValueError(_("太长了，请分成几次，或者上传文件。"))
        return text.replace("\0", "\ufffd")

    return Reader(read)


def school_kind() -> Reader:
    def read(raw: Any) -> OrganizationKind:
        return OrganizationKind.COMPANY if raw == OrganizationKind.COMPANY else OrganizationKind.SCHOOL

    return Reader(read)


class DefaultsForm(msgspec.Struct):
    """What a row leaves open."""

    venue: Annotated[str, line(100, required=False)]
    address: Annotated[str, line(200, required=False)]
    starts: Annotated[str, typed(read_times)]
    ends: Annotated[str, typed(read_time)]
    capacity: Annotated[str, typed(lambda text: read_whole(text, 1, 1_000_000))]
    opens_at: Annotated[datetime, moment()]
    closes_at_start: Annotated[bool, tick()]
    waiting_list: Annotated[bool, tick()]
    check_in_lead: Annotated[int, whole(0, 1440)]

    def defaults(self, remarks: list[str]) -> Defaults:
        names = (name for name in self.__struct_fields__ if name != "table")
        return Defaults(**{name: getattr(self, name) for name in names}, remarks=remarks)


class TableForm(DefaultsForm):
    table: Annotated[str, table()]


class SchoolsForm(msgspec.Struct):
    """Schools or companies that rows name and that are not in the list yet."""

    school: Annotated[list[str], many(line(100, required=False), _MOST_SCHOOLS)]
    kind: Annotated[OrganizationKind, school_kind()]


def read_edits(form: FormMultiDict) -> dict[str, Row]:
    """By line, what is typed in the rows that the page showed, and which warnings are ticked."""
    everything = "accept-all" in form
    edits = {}
    for number in form.getall("line", []):
        row = {field: _cell(form, f"{field}-{number}") for field in FIELDS if f"{field}-{number}" in form}
        ticked = everything or f"accept-{number}" in form
        edits[str(number)] = row | {"accepted": _cell(form, f"keys-{number}") if ticked else ""}
    return edits


def _cell(form: FormMultiDict, name: str) -> str:
    value = form.get(name)
    text = value if isinstance(value, str) else ""
    return text[:_LONGEST_CELL].replace("\r\n", "\n").replace("\0", "\ufffd").strip()
