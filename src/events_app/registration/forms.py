"""What participants and scripts send to register."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from events_app.lib.language import gettext as _
from events_app.programmes.forms.clashes import ClashTick
from events_app.registration.rules.builder import Step
from events_app.registration.rules.questions import QuestionKind, Stage
from events_app.web.forms import (
    Reader,
    agreed,
    digits,
    line,
    lines,
    moment,
    name,
    one_of,
    optional,
    phone,
    tick,
    whole,
)


def answers() -> Reader:
    """Nothing, or a JSON object of short texts by question."""

    def read(raw: Any) -> dict[str, str]:
        if raw is None:
            return {}
        if not isinstance(raw, dict) or len(raw) > 50:
            raise ValueError(_("请发送一个最多50项的JSON对象。"))
        one = line(2_000, required=False)
        return {line(60).read(key): one.read(value) for key, value in raw.items()}

    return Reader(read)


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


class RegistrationBody(ConsentFields):
    """POST /api/v1/registrations."""

    session: Annotated[str, line(20)]
    name: Annotated[str, name(50)]
    phone: Annotated[str, phone()]
    unit: Annotated[str, line(100, required=False)]
    answers: Annotated[dict[str, str], answers()]
    consent: Annotated[bool, agreed()]


class FindTicketForm(msgspec.Struct):
    name: Annotated[str, name(50)]
    phone: Annotated[str, phone()]
    pin: Annotated[str, digits(6)]


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
