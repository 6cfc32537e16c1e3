"""Drawing a session's places: the seed is told first, then it is drawn once, then everybody may look at it."""

import secrets
from collections.abc import Callable

from events_app.accounts.actions import audit
from events_app.accounts.rules import ORGANIZING, Me
from events_app.lib import clock
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.lib.language import in_both
from events_app.notifications.actions import tell
from events_app.notifications.tables import Recipient
from events_app.programmes.queries.sessions import SessionRow
from events_app.registration.actions.sessions import own_session
from events_app.registration.actions.waiting import move_up, own_locked_session
from events_app.registration.queries import draws as queries
from events_app.registration.queries.draws import DrawRow
from events_app.registration.rules import deciding, draws
from events_app.registration.rules.draws import Result

_SEED_BYTES = 16


async def own_draw(me: Me, code: str) -> DrawRow:
    """Raises NotFound for a session that `me` does not organise."""
    draw = await queries.find_own_draw(code, me.organizations(ORGANIZING))
    if draw is None:
        raise NotFound
    return draw


async def tell_seed(me: Me, code: str, seed: str) -> None:
    """The seed is public from now on and never changes; without one, or too late for choosing, chance makes it.

    Raises NotFound and Refused.
    """
    async with transaction():
        draw, now = await own_draw(me, code), clock.now()
        draws.check_seedable(draw, now)
        if not seed or not draws.may_choose_seed(draw, now):
            seed = secrets.token_hex(_SEED_BYTES)
        if not await queries.add_draw(draw.id, seed, me.account):
            raise Refused(_("种子已经公布，不能再改。"), "seed_told")
        await audit(me, "draw.create", code, organization=draw.organization, seed=seed)


@again_after_deadlock
async def hold_draw(me: Me, code: str) -> Result:
    """Draw, once: the first have places, the others wait in the order that was drawn. Raises NotFound and Refused."""
    async with transaction():
        session = await own_locked_session(me, code)
        draw = await own_draw(me, code)
        draws.check_drawable(draw, clock.now())
        _check_ready(draw)
        file = draws.entries_file(draws.entries_of(await queries.list_entered(session.id)))
        # Whoever waits already, from before there was a draw, is not overtaken.
        places = 0 if draw.waiting else max(draw.capacity - draw.taken, 0)
        result, digest = draws.order(draw.seed, file, places), draws.list_digest(file)
        await queries.keep_draw(session.id, me.account, file, digest, places)
        await _give_out(draw, await own_session(me, code), result)
        await move_up(session)
        counts = {"drawn": len(result.drawn), "waiting": len(result.waiting), "places": places}
        await audit(me, "draw.hold", code, organization=session.organization, digest=digest, **counts)
    return result


async def publish_draw(me: Me, code: str) -> None:
    """List and result can be looked at from now on. Raises NotFound and Refused."""
    async with transaction():
        draw = await own_draw(me, code)
        if not await queries.publish_draw(draw.id):
            raise Refused(_("抽签还没有进行，或者结果已经公布。请刷新页面再看。"), "not_drawn")
        await audit(me, "draw.publish", code, organization=draw.organization)


async def public_draw(code: str, ticket: tuple[str, bytes] | None) -> DrawRow:
    """What everybody may see of a draw, or of a confidential one the holders of its tickets. Raises NotFound."""
    draw = await queries.find_public_draw(code)
    if draw is None or (draws.is_confidential(draw.kind) and not await _holds(draw, ticket)):
        raise NotFound(_("没有公布过这次抽签。请核对网址，或从入场码页面打开。"), "no_draw")
    return draw


async def _holds(draw: DrawRow, ticket: tuple[str, bytes] | None) -> bool:
    return ticket is not None and await queries.has_ticket(draw.id, *ticket)


def _check_ready(draw: DrawRow) -> None:
    if not draw.seed:
        raise Refused(_("请先公布种子，再抽签。"), "no_seed")
    if draw.drawn_at:
        raise Refused(_("本场已经抽过签，不能再抽。"), "drawn")


async def _give_out(draw: DrawRow, session: SessionRow, result: Result) -> None:
    await _tell(session, await queries.seat_drawn(draw.id, result.drawn), deciding.drawn_text)
    if draw.waiting_list:
        await _tell(session, await queries.line_up(draw.id, result.waiting), deciding.waiting_text)
    else:
        await _tell(session, await queries.turn_away(draw.id, result.waiting), deciding.lost_text)


async def _tell(session: SessionRow, registrations: list[int], say: Callable[[SessionRow], str]) -> None:
    said = in_both(lambda: say(session))
    await tell(session.organization, Recipient.REGISTRATION, registrations, session.code, *said)
