"""The tick under the warnings of a form."""

from typing import Annotated

import msgspec

from events_app.web.forms import line, many, tick


class ClashTick(msgspec.Struct):
    """Part of every form that can clash: `accepted` are the keys that were shown, worth nothing without the tick."""

    accept_clashes: Annotated[bool, tick()] = False
    accepted: Annotated[list[str], many(line(200), 60)] = []

    @property
    def accepted_keys(self) -> list[str]:
        return self.accepted if self.accept_clashes else []
