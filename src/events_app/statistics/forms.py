"""The filters in the address of the statistics."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

import msgspec

from events_app.lib import clock
from events_app.lib.errors import Invalid
from events_app.lib.language import gettext as _
from events_app.programmes.tables import Kind
from events_app.statistics.queries import Scope
from events_app.web.forms import BadForm, Reader, line, one_of, read_values

# `from` is a word of Python, so the fields have other names than the address.
_NAMES = {"first": "from", "last": "to", "activity": "activity", "kind": "kind"}


def _day() -> Reader:
    def read(raw: Any) -> date | None:
        if not raw:
            return None
        try:
            day = date.fromisoformat(raw)
        except ValueError:
            raise ValueError(_("请选择日期，如2026-12-05。")) from None
        if not 2000 <= day.year <= 2100:
            raise ValueError(_("年份应在2000到2100之间。"))
        return day

    return Reader(read)


def _or_nothing(reader: Reader) -> Reader:
    return Reader(lambda raw: reader.read(raw) if raw else None)


class Filter(msgspec.Struct, frozen=True):
    """From the first to the last day, both included, in Shanghai; what is None or "" is not asked for."""

    first: Annotated[date | None, _day()]
    last: Annotated[date | None, _day()]
    activity: Annotated[str, line(20, required=False)]
    kind: Annotated[Kind | None, _or_nothing(one_of(Kind))]

    def scope(self, organizations: list[int]) -> Scope:
        return Scope(
            organizations,
            clock.midnight(self.first) if self.first else None,
            clock.midnight(self.last + timedelta(days=1)) if self.last else None,
            self.activity,
            self.kind or "",
        )

    def values(self) -> dict[str, str]:
        """As it stands in the address."""
        given = {name: getattr(self, field) for field, name in _NAMES.items()}
        return {name: str(value) for name, value in given.items() if value}


def read_filter(query: Mapping[str, str]) -> Filter:
    """Empty parameters ask for everything, unknown ones are left alone; raises BadForm."""
    typed = {name: query[name].strip() for name in _NAMES.values() if name in query}
    try:
        wanted = read_values(Filter, {field: typed.get(name) for field, name in _NAMES.items()})
    except Invalid as invalid:
        errors = {_NAMES[field]: sentence for field, sentence in invalid.errors.items()}
        raise BadForm(typed, errors) from invalid
    if wanted.first and wanted.last and wanted.last < wanted.first:
        raise BadForm(typed, {"to": _("结束日期不能早于开始日期。")})
    return wanted
