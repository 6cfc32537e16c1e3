"""What the form at the door sends beside that of a registration."""

from typing import Annotated

import msgspec

from events_app.web.forms import line, tick


class WalkInForm(msgspec.Struct):
    """The same nonce twice is one coming. `another`: not the one of this name who is on the list."""

    nonce: Annotated[str, line(64)]
    another: Annotated[bool, tick()]
