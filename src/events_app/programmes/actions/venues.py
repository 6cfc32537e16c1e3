"""Keeping the register of venues."""

import asyncio
from typing import Any

import asyncpg

from events_app.accounts.actions import audit
from events_app.accounts.rules import ORGANIZING, Me
from events_app.lib import codes
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.lib.picture import webp
from events_app.programmes.forms.venues import VenueForm
from events_app.programmes.queries import venues as queries
from events_app.programmes.queries.venues import OwnVenue

Image = tuple[bytes, tuple[int, int]]
_LONGEST_NAME = 100


async def resolve_venue(organization: int, name: str, address: str) -> int:
    """The id of the venue meant by `name`, whole or of a room, and by `address` unless it is ""; new when unknown.

    Raises Invalid when it may be one of several, and for a new one whose name is too long.
    """
    found = await queries.list_venues_named(organization, name, address)
    if len(found) > 1:
        sentence = _(
            "有%(count)s个场地叫“%(name)s”。请写全名（楼·房间），或写上地址。", count=len(found), name=name
        )
        raise Invalid({"venue": sentence})
    if not found and len(name) > _LONGEST_NAME:  # only a room's whole name is longer
        sentence = _("太长了，最多%(most)s个字，现在有%(length)s个。", most=_LONGEST_NAME, length=len(name))
        raise Invalid({"venue": sentence})
    return found[0] if found else await queries.find_or_add_venue(organization, name, address)


async def create_venue(me: Me, form: VenueForm, picture: bytes | None) -> str:
    """A venue of the first organization that `me` organises for; returns its code. Raises Invalid."""
    organization, code = me.organizations(ORGANIZING)[0], codes.new_code()
    place, image = _place(form), await _image(picture)
    async with transaction():
        parent = await _building(organization, form.parent)
        venue = await queries.add_venue(code, organization, *_facts(form, parent, place))
        if venue is None:
            raise _taken()
        await _keep(venue, form, image)
        await audit(me, "venue.create", code, organization=organization, name=form.name)
    return code


@again_after_deadlock
async def update_venue(me: Me, code: str, form: VenueForm, picture: bytes | None) -> None:
    """Calendars hear of sessions to come whose place is another one now. Raises NotFound and Invalid."""
    venue = await own_venue(me, code)
    place, image = _place(form), await _image(picture)
    try:
        async with transaction():
            parent = await _building(venue.organization, form.parent, venue)
            before = await queries.list_places(venue.id)
            await queries.update_venue(venue.id, *_facts(form, parent, place))
            after = await queries.list_places(venue.id)
            await queries.raise_sequences_at([room for room in before if before[room] != after[room]])
            await _keep(venue.id, form, image)
            await audit(me, "venue.update", code, organization=venue.organization, name=form.name)
    except asyncpg.UniqueViolationError:
        raise _taken() from None


async def delete_venue(me: Me, code: str) -> None:
    """Raises NotFound, and Refused while a session or a room needs it."""
    venue = await own_venue(me, code)
    used = Refused(_("有场次用过这个场地，记录要保留，不能删除。"), "used")
    try:
        async with transaction():
            await queries.lock_venues([venue.id])
            if await queries.has_sessions(venue.id):
                raise used
            if await queries.has_rooms(venue.id):
                raise Refused(_("这里还有房间。请先删除房间，再删除场地。"), "has_rooms")
            await queries.delete_venue(venue.id)
            await audit(me, "venue.delete", code, organization=venue.organization, name=venue.full_name)
    except asyncpg.ForeignKeyViolationError:  # planned there at this very moment
        raise used from None


async def own_venue(me: Me, code: str) -> OwnVenue:
    """Raises NotFound when there is none, or it is another organization's."""
    venue = await queries.find_own_venue(code, me.organizations(ORGANIZING))
    if venue is None:
        raise NotFound
    return venue


async def _building(organization: int, code: str, room: OwnVenue | None = None) -> int | None:
    """The venue that `room`, or a new one, lies in; raises Invalid unless it may."""
    if not code:
        return None
    building = await queries.find_own_venue(code, [organization])
    if building is None or (room and building.id == room.id):
        raise Invalid({"parent": _("请从列表中选择一项。")})
    await queries.lock_venues([building.id, *([room.id] if room else [])])
    building = await queries.find_own_venue(code, [organization])
    if building is None or building.parent:
        raise Invalid({"parent": _("房间里不能再有房间，请选整栋楼或整个场地。")})
    if room and await queries.has_rooms(room.id):
        raise Invalid({"parent": _("这个场地自己有房间，不能再放进另一个场地。")})
    return building.id


def _facts(form: VenueForm, parent: int | None, place: tuple[float, float] | None) -> tuple[Any, ...]:
    """In the order of `add_venue`."""
    latitude, longitude = place or (None, None)
    access = (form.step_free, form.hearing_loop, form.access)
    return (parent, form.name, form.address, form.capacity or None, latitude, longitude, *access)


def _place(form: VenueForm) -> tuple[float, float] | None:
    try:
        return form.place()
    except ValueError as wrong:
        raise Invalid({"latitude": str(wrong)}) from None


async def _image(picture: bytes | None) -> Image | None:
    return await asyncio.to_thread(webp, picture) if picture else None


async def _keep(venue: int, form: VenueForm, image: Image | None) -> None:
    """What lies in other tables."""
    await queries.set_opening_hours(venue, form.hours())
    if image:
        await queries.save_picture(venue, codes.new_code(12), *image)


def _taken() -> Invalid:
    return Invalid({"name": _("这里已有同名、同地址的场地。请直接使用它，或换一个名称。")})
