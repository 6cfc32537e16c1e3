"""Read what people sent into a Struct: every mistake at once, each with a sentence, and nothing typed is lost.

A field's type carries its reader: `name: Annotated[str, line(50)]`. A reader takes the raw value and returns the
clean one, or raises ValueError with a whole sentence. HTML forms and JSON bodies go the same way.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec
from litestar import Request
from litestar.datastructures import FormMultiDict
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException

from events_app.lib import text
from events_app.lib.clock import ZONE
from events_app.lib.errors import Invalid
from events_app.lib.language import gettext as _

# How large a body may be, in bytes: nearly everywhere, with a picture or a table in the form, and as a gate's batch.
LARGEST_BODY = 64 * 1024
LARGEST_WITH_PICTURE = 10 * 1024 * 1024 + LARGEST_BODY
LARGEST_WITH_TABLE = 5 * 1024 * 1024
LARGEST_BATCH_BODY = 2 * 1024 * 1024
MOST_FIELDS = 1000
# What browsers and scripts send for a box that is ticked.
_TICKED = ("on", "yes", "true", "1")

T = TypeVar("T", bound=msgspec.Struct)
E = TypeVar("E", bound=StrEnum)
Values = Mapping[str, Any]


class Reader:
    """How a field is read. `many` takes all the values of its name, else the last one counts."""

    def __init__(self, read: Callable[[Any], Any], *, many: bool = False) -> None:
        self.read = read
        self.many = many


class BadForm(Exception):
    """What was typed, and what is wrong with it by field: the page shows both again (422)."""

    def __init__(self, values: dict[str, Any], errors: dict[str, str]) -> None:
        super().__init__(errors)
        self.values = values
        self.errors = errors


class FormRequest(Request):
    """A request whose form is text that can be shown again: bytes in no encoding, or in an odd one, are a 400.

    So is a form of more fields than any of ours: Litestar counts the parts of a multipart form only.
    """

    async def form(self) -> FormMultiDict:
        urlencoded = self.content_type[0] == RequestEncodingType.URL_ENCODED
        if urlencoded and (await self.body()).count(b"&") >= MOST_FIELDS:
            raise ClientException
        try:
            form = await super().form()
            "".join(value for _name, value in form.multi_items() if isinstance(value, str)).encode()
        except (UnicodeError, LookupError):
            raise ClientException from None
        return form


def read_form(kind: type[T], form: FormMultiDict) -> T:
    """The filled Struct, or BadForm with everything that was typed."""
    values = {name: _sent(form, name, reader) for name, reader in _readers(kind).items()}
    try:
        return read_values(kind, values)
    except Invalid as invalid:
        raise BadForm(values, invalid.errors) from invalid


def read_values(kind: type[T], values: Values) -> T:
    """The filled Struct out of plain values; raises Invalid. Names that the Struct does not know are errors too."""
    readers = _readers(kind)
    errors = {str(name)[:60]: _("没有这一项，请删去。") for name in values if name not in readers}
    clean: dict[str, Any] = {}
    for name, reader in readers.items():
        try:
            clean[name] = reader.read(values.get(name))
        except ValueError as error:
            errors[name] = str(error)
    if errors:
        raise Invalid(errors)
    return kind(**clean)


def required_names(kind: type[msgspec.Struct]) -> list[str]:
    """The fields whose readers do not take nothing for an answer."""
    return [name for name, reader in _readers(kind).items() if not _takes_nothing(reader)]


def line(most: int, *, required: bool = True) -> Reader:
    """One line of text."""
    return Reader(lambda raw: text.one_line(_text(raw, required=required), most))


def name(most: int) -> Reader:
    """A person's name."""
    return Reader(lambda raw: text.person_name(_text(raw, required=True), most))


def lines(most: int) -> Reader:
    """Optional text of several lines."""
    return Reader(lambda raw: text.paragraphs(_text(raw, required=False), most))


def phone() -> Reader:
    return Reader(lambda raw: text.phone_number(_text(raw, required=True)))


def digits(count: int) -> Reader:
    def read(raw: Any) -> str:
        value = "".join(_text(raw, required=True).split())
        if not (len(value) == count and value.isascii() and value.isdigit()):
            raise ValueError(_("请填写%(count)s位数字。", count=count))
        return value

    return Reader(read)


def whole(least: int, most: int) -> Reader:
    """A whole number, as JSON sends it or as a person types it."""

    def read(raw: Any) -> int:
        value = (
            str(raw).strip()
            if isinstance(raw, int) and not isinstance(raw, bool)
            else _text(raw, required=True)
        )
        number = int(value) if len(value) <= 12 and value.removeprefix("-").isdecimal() else None
        if number is None or not least <= number <= most:
            raise ValueError(_("请填写%(least)s到%(most)s之间的整数。", least=least, most=most))
        return number

    return Reader(read)


def moment() -> Reader:
    """A date and time as <input type=datetime-local> sends it, meant in Shanghai."""

    def read(raw: Any) -> datetime:
        try:
            value = datetime.fromisoformat(_text(raw, required=True))
        except ValueError:
            raise ValueError(_("请选择日期和时间，如2026-12-05 09:00。")) from None
        if not 2000 <= value.year <= 2100:
            raise ValueError(_("年份应在2000到2100之间。"))
        return value if value.tzinfo else value.replace(tzinfo=ZONE)

    return Reader(read)


def day() -> Reader:
    """A date as <input type=date> sends it."""

    def read(raw: Any) -> date:
        try:
            value = date.fromisoformat(_text(raw, required=True))
        except ValueError:
            raise ValueError(_("请选择日期，如2026-12-05。")) from None
        if not 2000 <= value.year <= 2100:
            raise ValueError(_("年份应在2000到2100之间。"))
        return value

    return Reader(read)


def time_of_day() -> Reader:
    """Hours and minutes as <input type=time> sends them."""

    def read(raw: Any) -> time:
        try:
            return datetime.strptime(_text(raw, required=True), "%H:%M").time()
        except ValueError:
            raise ValueError(_("请选择时间，如09:00。")) from None

    return Reader(read)


def instant() -> Reader:
    """An RFC 3339 time with its offset, or nothing."""

    def read(raw: Any) -> datetime | None:
        value = _text(raw, required=False)
        if not value:
            return None
        try:
            parsed = datetime.fromisoformat(value)
        except ValueError:
            parsed = datetime.min
        if parsed.tzinfo is None or not 2000 <= parsed.year <= 2100:
            raise ValueError(_("请写带时区的时间，如2026-12-05T09:00:00+08:00。"))
        return parsed

    return Reader(read)


def one_of(choices: type[E]) -> Reader:
    def read(raw: Any) -> E:
        try:
            return choices(_text(raw, required=True))
        except ValueError:
            raise ValueError(_("请从列表中选择一项。")) from None

    return Reader(read)


def tick() -> Reader:
    """A checkbox: what a browser sends when it is ticked, or JSON's true."""
    return Reader(lambda raw: raw is True or (isinstance(raw, str) and raw in _TICKED))


def agreed() -> Reader:
    """A checkbox that has to be ticked."""

    def read(raw: Any) -> bool:
        if not (raw is True or (isinstance(raw, str) and raw in _TICKED)):
            raise ValueError(_("请先阅读并同意上面的告知。"))
        return True

    return Reader(read)


def optional(inner: Reader) -> Reader:
    """ "" for nothing, else what `inner` reads."""
    return Reader(lambda raw: inner.read(raw) if _text(raw, required=False) else "")


def many(each: Reader, most: int = 100) -> Reader:
    """All the values of this name, at most `most`, each read by `each`."""

    def read(raw: Any) -> list[Any]:
        values = [] if raw is None else raw
        if not isinstance(values, list):
            raise ValueError(_("这里应是一个列表。"))
        if len(values) > most:
            raise ValueError(_("太多了，最多%(most)s项，现在有%(count)s项。", most=most, count=len(values)))
        return [each.read(value) for value in values]

    return Reader(read, many=True)


@cache
def _readers(kind: type[msgspec.Struct]) -> dict[str, Reader]:
    hints = get_type_hints(kind, include_extras=True)
    found = {name: [a for a in get_args(hint) if isinstance(a, Reader)] for name, hint in hints.items()}
    return {name: readers[0] for name, readers in found.items() if readers}


def _takes_nothing(reader: Reader) -> bool:
    try:
        reader.read(None)
    except ValueError:
        return False
    return True


def _sent(form: FormMultiDict, name: str, reader: Reader) -> Any:
    values = [value for value in form.getall(name, []) if isinstance(value, str)]
    return values if reader.many else (values[-1] if values else None)


def _text(raw: Any, *, required: bool) -> str:
    if raw is not None and not isinstance(raw, str):
        raise ValueError(_("这里应是文字。"))
    value = (raw or "").strip()
    if required and not value:
        raise ValueError(_("这一项必须填写。"))
    return value
