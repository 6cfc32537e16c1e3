"""A venue as organisers send it."""

from typing import Annotated, Any

import msgspec

from events_app.programmes.rules.venues import Place, Span, read_place, read_spans
from events_app.web.forms import Reader, line, optional, tick, whole


def spans() -> Reader:
    text = line(200, required=False)

    def read(raw: Any) -> list[Span]:
        return read_spans(text.read(raw))

    return Reader(read)


class VenueForm(msgspec.Struct):
    """`parent` is the code of the building, "" for none; `hours_0` is Monday's."""

    name: Annotated[str, line(100)]
    parent: Annotated[str, line(20, required=False)]
    address: Annotated[str, line(200, required=False)]
    capacity: Annotated[int | str, optional(whole(1, 1_000_000))]
    latitude: Annotated[str, line(60, required=False)]
    longitude: Annotated[str, line(60, required=False)]
    step_free: Annotated[bool, tick()]
    hearing_loop: Annotated[bool, tick()]
    access: Annotated[str, line(300, required=False)]
    hours_0: Annotated[list[Span], spans()]
    hours_1: Annotated[list[Span], spans()]
    hours_2: Annotated[list[Span], spans()]
    hours_3: Annotated[list[Span], spans()]
    hours_4: Annotated[list[Span], spans()]
    hours_5: Annotated[list[Span], spans()]
    hours_6: Annotated[list[Span], spans()]

    def place(self) -> Place | None:
        """Raises ValueError with a whole sentence."""
        return read_place(self.latitude, self.longitude)

    def hours(self) -> list[tuple[int, Span]]:
        """By weekday, Monday first."""
        return [(day, span) for day in range(7) for span in getattr(self, f"hours_{day}")]
