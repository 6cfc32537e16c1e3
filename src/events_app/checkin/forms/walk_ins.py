"""What the form at the door sends beside that of a registration."""

from typing import Annotated

import msgspec

from events_app.web.forms import line


class WalkInForm(msgspec.Struct):
    """The same nonce twice is one coming."""

    nonce: Annotated[str, line(64)]
