"""What participants and scripts send to register."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec

from events_app.lib.errors import Invalid
from events_app.lib.language import gettext as _
from events_app.programmes.forms.batches import table
from events_app.programmes.forms.clashes import ClashTick
from events_app.programmes.tables import Admission, Extent
from events_app.registration.rules.admission import Companion, Wish
from events_app.registration.rules.builder import Step
from events_app.registration.rules.questions import QuestionKind, Stage
from events_app.web.forms import (
    Reader,
    agreed,
    digits,
    line,
    lines,
    many,
    moment,
    name,
    one_of,
    optional,
    phone,
    read_values,
    tick,
    whole,
)

_MOST_COMPANIONS = 19
_MOST_FURTHER = 60
_TENTHS = re.compile(r"[0-9]{1,4}(\.[0-9])?", re.ASCII)


def answers() -> Reader:
    """Nothing, or a JSON object of answers by question; whether they fit is told when the questions are known."""

    def read(raw: Any) -> dict[str, str | list[str]]:
        if raw is None:
            return {}
        if not isinstance(raw, dict) or len(raw) > 50:
            raise ValueError(_("请发送一个最多50项的JSON对象。"))
        return {line(200).read(key): _answer(value) for key, value in raw.items()}

    return Reader(read)


def _answer(raw: Any) -> str | list[str]:
    """A text, a number, true or false, or a list of texts."""
    if isinstance(raw, list):
        one = line(200)
        return [one.read(value) for value in raw[:100]]
    if isinstance(raw, bool):
        return "yes" if raw else ""
    text: str = lines(2_000).read(str(raw) if isinstance(raw, int | float) else raw)
    return text


def number() -> Reader:
    """A number that our own page sent along; nothing for anything else."""

    def read(raw: Any) -> int | None:
        text = raw if isinstance(raw, str) else ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    return Reader(read)


def texts() -> Reader:
    """Texts by name as our own page sent them along in JSON; none for anything else."""

    def read(raw: Any) -> dict[str, str]:
        try:
            return msgspec.json.decode(raw if isinstance(raw, str) else "", type=dict[str, str])
        except msgspec.DecodeError:
            return {}

    return Reader(read)


def year_of_birth() -> Reader:
    """A year, as a number or as typed; nothing for nothing."""

    def read(raw: Any) -> int | None:
        return (
            None if raw is None or (isinstance(raw, str) and not raw.strip()) else whole(1900, 2100).read(raw)
        )

    return Reader(read)


def version() -> Reader:
    """The number of a version, as JSON or our own page sends it; nothing for anything else."""
    return Reader(lambda raw: raw if type(raw) is int else number().read(raw))


class ConsentFields(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What rules.consent looks at. `terms` is the version whose notice was shown.

    What is left out is not written, so that a script's body has the same fingerprint as before there were these.
    """

    birth_year: Annotated[int | None, year_of_birth()] = None
    guardian_name: Annotated[str, optional(name(50))] = ""
    guardian_phone: Annotated[str, optional(phone())] = ""
    guardian_consent: Annotated[bool, tick()] = False
    sensitive_consent: Annotated[bool, tick()] = False
    terms: Annotated[int | None, version()] = None


class RegistrationForm(ConsentFields):
    """The form on a session's page."""

    name: Annotated[str, name(50)]
    phone: Annotated[str, phone()]
    unit: Annotated[str, line(100, required=False)]
    consent: Annotated[bool, agreed()]


class AnswersForm(ConsentFields):
    """What a ticket's holder changes, beside the answers."""

    unit: Annotated[str, line(100, required=False)] = ""
    consent: Annotated[bool, tick()] = False


class CompanionForm(msgspec.Struct):
    """One of the people who come along; of the form's fields companion-1-name and so on."""

    name: Annotated[str, name(50)]
    phone: Annotated[str, optional(phone())]
    birth_year: Annotated[int | None, year_of_birth()]


def read_wish(values: Mapping[str, Any]) -> tuple[Wish, dict[str, str]]:
    """Who comes along and to which further sessions, and what is wrong with it by field."""
    companions, errors = list[Companion](), dict[str, str]()
    for n in range(1, _MOST_COMPANIONS + 1):
        typed = {field: values.get(f"companion-{n}-{field}", "") for field in CompanionForm.__struct_fields__}
        if not any(isinstance(value, str) and value.strip() for value in typed.values()):
            continue
        try:
            one = read_values(CompanionForm, typed)
        except Invalid as invalid:
            errors |= {f"companion-{n}-{field}": said for field, said in invalid.errors.items()}
        else:
            companions.append(Companion(n, one.name, one.phone, one.birth_year))
    further = values.get("further", [])
    codes = further if isinstance(further, list) else [further]
    return Wish(companions, codes[:_MOST_FURTHER], tick().read(values.get("companions_agreed"))), errors


class RegistrationBody(ConsentFields):
    """POST /api/v1/registrations."""

    session: Annotated[str, line(20)]
    name: Annotated[str, name(50)]
    phone: Annotated[str, phone()]
    unit: Annotated[str, line(100, required=False)]
    answers: Annotated[dict[str, str | list[str]], answers()]
    consent: Annotated[bool, agreed()]


class FindTicketForm(msgspec.Struct):
    name: Annotated[str, name(50)]
    phone: Annotated[str, phone()]
    pin: Annotated[str, digits(6)]


class LineTarget(StrEnum):
    """Where somebody who waits is moved: into a place, or to another position."""

    PLACE = "place"
    POSITION = "position"


class LineForm(msgspec.Struct):
    """`position` counts from 1 and matters only for a move within the line."""

    to: Annotated[LineTarget, one_of(LineTarget)]
    reason: Annotated[str, line(200)]
    position: Annotated[int | None, number()] = None


class CallOffForm(msgspec.Struct):
    reason: Annotated[str, line(200)]


class MoveForm(ClashTick, kw_only=True):
    """A new time or place. `sequence` is that of the session it was filled for, `told` names the message that was
    shown to the organiser.
    """

    starts_at: Annotated[datetime, moment()]
    ends_at: Annotated[datetime, moment()]
    venue: Annotated[str, line(203)]
    address: Annotated[str, line(200, required=False)]
    reason: Annotated[str, line(200, required=False)] = ""
    sequence: Annotated[int | None, number()] = None
    told: Annotated[str, line(20, required=False)] = ""


class EditForm(msgspec.Struct):
    """What the form of a session sends beside its fields: what these were when it was opened, and a yes to `told`."""

    base: Annotated[dict[str, str], texts()] = {}
    told: Annotated[str, line(20, required=False)] = ""


class MergeForm(msgspec.Struct):
    """What the page sends on which two people's changes were seen side by side."""

    base: Annotated[dict[str, str], texts()]
    theirs: Annotated[dict[str, str], texts()]
    mine: Annotated[dict[str, str], texts()]


def row_ids() -> Reader:
    """Ids that our own page sent along; what is none is left out."""

    def read(raw: Any) -> list[int]:
        texts = [text for text in raw or () if isinstance(text, str)]
        return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) <= 18]

    return Reader(read, many=True)


class DecisionForm(msgspec.Struct):
    """A yes or a no to the `seats` that were ticked on the approval desk."""

    seats: Annotated[list[int], row_ids()]
    message: Annotated[str, line(200, required=False)]


class SeedForm(msgspec.Struct):
    seed: Annotated[str, line(100, required=False)]


class VersionForm(msgspec.Struct, kw_only=True):
    """`base` is the version of the terms that a page of the builder was made from."""

    base: Annotated[int | None, version()] = None


class QuestionForm(VersionForm):
    """A question; `options` one a line, `condition` as `condition_value` writes it."""

    kind: Annotated[QuestionKind, one_of(QuestionKind)]
    label: Annotated[str, line(200)]
    help: Annotated[str, line(300, required=False)]
    required: Annotated[bool, tick()]
    options: Annotated[str, lines(8_000)]
    least: Annotated[int | Literal[""], optional(whole(-1_000_000, 1_000_000))]
    most: Annotated[int | Literal[""], optional(whole(-1_000_000, 1_000_000))]
    stage: Annotated[Stage, one_of(Stage)]
    condition: Annotated[str, line(60, required=False)]
    purpose: Annotated[str, line(200, required=False)]
    keep_days: Annotated[int | Literal[""], optional(whole(0, 3650))]
    sensitive: Annotated[bool, tick()]


class QuestionStepForm(VersionForm):
    """Which way a question is moved."""

    step: Annotated[Step, one_of(Step)]


class NoticeForm(VersionForm):
    purpose: Annotated[str, line(300, required=False)]
    recipients: Annotated[str, line(300, required=False)]
    text: Annotated[str, lines(10_000)]
    keep_days: Annotated[int, whole(0, 3650)]


def maybe(inner: Reader) -> Reader:
    """None for nothing, else what `inner` reads."""

    def read(raw: Any) -> Any:
        return None if raw is None or (isinstance(raw, str) and not raw.strip()) else inner.read(raw)

    return Reader(read)


def tenths(most: int) -> Reader:
    """A number of hours above 0, to a tenth."""

    def read(raw: Any) -> Decimal:
        typed = unicodedata.normalize("NFKC", line(12).read(raw))
        value = Decimal(typed) if _TENTHS.fullmatch(typed) else Decimal(0)
        if not 0 < value <= most:
            raise ValueError(_("请填写0.1到%(most)s之间的数，最多一位小数。", most=most))
        return value.quantize(Decimal("0.1"))

    return Reader(read)


class RulesForm(msgspec.Struct):
    """An activity's rules of registration. `unit_name` and `unit_places` belong together by position; rows without
    a name are left out. `base`: what stood in the form when it was opened.
    """

    admission: Annotated[Admission, one_of(Admission)]
    extent: Annotated[Extent, one_of(Extent)]
    most_sessions: Annotated[int | None, maybe(whole(1, 1_000))]
    programme_most: Annotated[int | None, maybe(whole(1, 1_000))]
    eligible_only: Annotated[bool, tick()]
    unit_quota: Annotated[int | None, maybe(whole(1, 1_000_000))]
    walk_ins: Annotated[bool, tick()]
    minimum_age: Annotated[int | None, maybe(whole(1, 120))]
    asks_birth_year: Annotated[bool, tick()]
    offer_minutes: Annotated[int | None, maybe(whole(1, 43_200))]
    group_most: Annotated[int, whole(1, 20)]
    minimum_minutes: Annotated[int | None, maybe(whole(1, 1_440))]
    must_check_out: Annotated[bool, tick()]
    session_hours: Annotated[Decimal | None, maybe(tenths(999))]
    certificates: Annotated[bool, tick()]
    certificate_hours: Annotated[Decimal | None, maybe(tenths(9_999))]
    unit_name: Annotated[list[str], many(line(100, required=False), 300)]
    unit_places: Annotated[list[int | None], many(maybe(whole(1, 1_000_000)), 300)]
    base: Annotated[dict[str, str], texts()] = {}

    def units(self) -> list[tuple[str, int | None]]:
        pairs = zip(self.unit_name, self.unit_places, strict=False)
        return [(name, places) for name, places in pairs if name]


class LeaderForm(msgspec.Struct):
    """Who keeps a unit's list."""

    leader_name: Annotated[str, line(50, required=False)]
    leader_phone: Annotated[str, optional(phone())]


class UnitForm(LeaderForm):
    """A school or company that is asked for its people."""

    unit: Annotated[str, line(100)]


class ImportForm(msgspec.Struct):
    """A unit's people, pasted, and the codes of the sessions they come to."""

    table: Annotated[str, table()]
    session: Annotated[list[str], many(line(20), 500)]
