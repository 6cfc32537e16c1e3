"""What is typed to verify a certificate, and to look through a list of hours."""

from enum import StrEnum
from typing import Annotated

import msgspec

from events_app.web.forms import name


class NameForm(msgspec.Struct):
    """The name that stands on the paper."""

    name: Annotated[str, name(50)]


class Who(StrEnum):
    """Whom a list of hours shows: everybody, who qualifies for a certificate, or who does and has none yet."""

    ALL = ""
    QUALIFIED = "qualified"
    WITHOUT = "without"


def read_who(text: str) -> Who:
    """Everybody for whatever else is written in an address."""
    return Who(text) if text in list(Who) else Who.ALL
