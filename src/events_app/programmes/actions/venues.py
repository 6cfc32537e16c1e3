"""Keeping the register of venues."""

from events_app.lib.errors import Invalid
from events_app.lib.language import gettext as _
from events_app.programmes.queries import venues as queries


async def resolve_venue(organization: int, name: str, address: str) -> int:
    """The id of the venue meant by `name`, whole or of a room, and by `address` unless it is ""; new when unknown.

    Raises Invalid when it may be one of several.
    """
    found = await queries.list_venues_named(organization, name, address)
    if len(found) > 1:
        sentence = _(
            "有%(count)s个场地叫“%(name)s”。请写全名（楼·房间），或写上地址。", count=len(found), name=name
        )
        raise Invalid({"venue": sentence})
    return found[0] if found else await queries.find_or_add_venue(organization, name, address)
