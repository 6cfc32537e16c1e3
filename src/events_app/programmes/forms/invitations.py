"""What organisers send to ask, and what guests, schools and companies send to answer."""

from datetime import datetime
from typing import Annotated

import msgspec

from events_app.programmes.tables import Answer
from events_app.web.forms import line, lines, many, moment, one_of, tick, whole

_sequence = whole(0, 2_147_483_647)


class AskForm(msgspec.Struct):
    """Codes of guests, none for all of them; or the host school or company."""

    guest: Annotated[list[str], many(line(20))]
    site: Annotated[bool, tick()]


class AnswerForm(msgspec.Struct):
    """`sequence` is that of the session as it was shown."""

    sequence: Annotated[int, _sequence]
    answer: Annotated[Answer, one_of(Answer)]
    remark: Annotated[str, lines(300)]


class ProposalForm(msgspec.Struct):
    """Another time, meant in Shanghai."""

    sequence: Annotated[int, _sequence]
    starts_at: Annotated[datetime, moment()]
    ends_at: Annotated[datetime, moment()]
    reason: Annotated[str, lines(300)]
