"""What participants and scripts send to register."""

from typing import Annotated, Any

import msgspec

from events_app.lib.language import gettext as _
from events_app.web.forms import Reader, agreed, digits, line, name, phone


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
