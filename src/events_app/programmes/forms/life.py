"""What is said with a step of an activity's life."""

from typing import Annotated

import msgspec

from events_app.web.forms import line


class ReasonForm(msgspec.Struct):
    reason: Annotated[str, line(200)]


class RemarkForm(msgspec.Struct):
    remark: Annotated[str, line(300)]
