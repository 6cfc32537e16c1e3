"""What organisers send."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from events_app.lib.language import gettext as _
from events_app.programmes.tables import HostRole, Kind
from events_app.web.forms import Reader, line, lines, many, moment, one_of, tick, whole

_MOST_HOSTS = 50


def host_names() -> Reader:
    each = many(line(100, required=False))

    def read(raw: Any) -> list[str]:
        if len(raw or []) > _MOST_HOSTS:
            raise ValueError(_("最多%(most)s行，请删去多余的单位。", most=_MOST_HOSTS))
        return each.read(raw)  # type: ignore[no-any-return]

    return Reader(read, many=True)


class ActivityForm(msgspec.Struct):
    """`host_organization` and `host_role` belong together by position; rows without a name are left out."""

    title: Annotated[str, line(120)]
    kind: Annotated[Kind, one_of(Kind)]
    programme: Annotated[str, line(20, required=False)]
    description: Annotated[str, lines(20_000)]
    notice: Annotated[str, lines(5_000)]
    approval: Annotated[bool, tick()]
    host_organization: Annotated[list[str], host_names()]
    host_role: Annotated[list[HostRole], many(one_of(HostRole))]

    def hosts(self) -> list[tuple[str, HostRole]]:
        pairs = zip(self.host_organization, self.host_role, strict=False)
        return list(dict.fromkeys((name, role) for name, role in pairs if name))


class SessionForm(msgspec.Struct):
    """Times are meant in Shanghai; `guests` holds one guest a line: name, honour, unit."""

    title: Annotated[str, line(120, required=False)]
    starts_at: Annotated[datetime, moment()]
    ends_at: Annotated[datetime, moment()]
    venue: Annotated[str, line(100)]
    address: Annotated[str, line(200, required=False)]
    site: Annotated[str, line(100, required=False)]
    capacity: Annotated[int, whole(1, 1_000_000)]
    waiting_list: Annotated[bool, tick()]
    opens_at: Annotated[datetime, moment()]
    closes_at: Annotated[datetime, moment()]
    check_in_lead: Annotated[int, whole(0, 1440)]
    guests: Annotated[str, lines(4_000)]
