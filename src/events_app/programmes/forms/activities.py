"""An activity as organisers send it."""

from typing import Annotated, Any

import msgspec

from events_app.lib.language import gettext as _
from events_app.programmes.tables import HostRole, Kind
from events_app.web.forms import Reader, line, lines, many, one_of

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
    host_organization: Annotated[list[str], host_names()]
    host_role: Annotated[list[HostRole], many(one_of(HostRole))]

    def hosts(self) -> list[tuple[str, HostRole]]:
        pairs = zip(self.host_organization, self.host_role, strict=False)
        return list(dict.fromkeys((name, role) for name, role in pairs if name))
