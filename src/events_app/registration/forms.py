"""What participants and scripts send to register."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from events_app.lib.language import gettext as _
from events_app.programmes.forms.clashes import ClashTick
from events_app.web.forms import Reader, agreed, digits, line, moment, name, phone


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


class RegistrationForm(msgspec.Struct):
    """The form on a session's page."""

    name: Annotated[str, name(50)]
    phone: Annotated[str, phone()]
    unit: Annotated[str, line(100, required=False)]
    consent: Annotated[bool, agreed()]


class RegistrationBody(msgspec.Struct):
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
