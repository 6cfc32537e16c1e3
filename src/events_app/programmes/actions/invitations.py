"""Asking guests and host schools about a session, and what they answer."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from events_app.accounts.actions import audit, throttle
from events_app.accounts.rules import ORGANIZING, Me
from events_app.lib import clock, codes
from events_app.lib.database import again_after_deadlock, transaction
from events_app.lib.errors import Invalid, NotFound, Refused
from events_app.lib.language import gettext as _
from events_app.lib.language import in_both
from events_app.lib.request_context import address
from events_app.notifications.actions import tell
from events_app.notifications.tables import Recipient
from events_app.programmes.forms.invitations import AnswerForm, ProposalForm
from events_app.programmes.queries import invitations as queries
from events_app.programmes.queries.invitations import InvitationRow, Recalled
from events_app.programmes.queries.sessions import SessionRow, find_own_session
from events_app.programmes.rules import invitations as rules
from events_app.programmes.tables import Answer

# Whoever was given a link opens it at once; whoever guesses is stopped long before one of 2^256 is found.
_GUESSES = 60
_HOUR = 3600


async def invite_guests(me: Me, session_code: str, guests: Sequence[str] = ()) -> int:
    """Ask those of the session's guests who have these codes, or all of them; who was asked already is not asked again.

    Returns how many are asked now. Raises NotFound, and Refused where nobody can be invited any more.
    """
    async with transaction():
        session = await _askable(me, session_code)
        appearing = await queries.list_appearing(session.id)
        if unknown := set(guests) - set(appearing):
            raise NotFound(_("本场没有这位嘉宾（%(codes)s）。", codes="、".join(sorted(unknown))))
        chosen = [guest for code, guest in appearing.items() if code in guests or not guests]
        secrets = [codes.new_secret() for _guest in chosen]
        asked = await queries.add_guest_invitations(session.id, me.account, chosen, secrets)
        if asked:
            await _audit(me, "invitation.create", session, guests=asked)
    return asked


async def ask_site(me: Me, session_code: str) -> bool:
    """Ask the host school or company to confirm; False when it was asked already.

    Raises NotFound, also for a session without a host, and Refused where nobody can be asked any more.
    """
    async with transaction():
        session = await _askable(me, session_code)
        if not session.site_code:
            raise NotFound(_("本场没有接待的学校或企业。请先在场次中选择。"))
        asked = await queries.add_site_invitation(session.id, me.account, codes.new_secret())
        if asked:
            await _audit(me, "invitation.create", session, site=session.site_code)
    return asked


async def renew(me: Me, session_code: str, invitation: int) -> None:
    """Ask again by a new secret; the old one opens nothing. Raises NotFound and Refused."""
    async with transaction():
        session = await _askable(me, session_code)
        found = await queries.find_own_invitation(session.id, invitation)
        if found is None:
            raise NotFound
        await queries.renew(found.id, codes.new_secret(), me.account)
        await _audit(me, "invitation.renew", session, who=found.who)


async def own_invitation(me: Me, session_code: str, invitation: int) -> InvitationRow:
    """Raises NotFound for another organization's."""
    session = await _own_session(me, session_code)
    found = await queries.find_own_invitation(session.id, invitation)
    if found is None:
        raise NotFound
    return found


async def invitation_by(secret: str) -> InvitationRow:
    """Raises NotFound with a sentence that helps, and TooMany for an address that guesses.

    Nobody guesses 256 bits, but a whole school may share one address: a right link is never refused.
    """
    found = await queries.find_invitation(secret)
    if found is None:
        await throttle(f"invitation-from:{address.get()}", _GUESSES, _HOUR)
        raise NotFound(
            _(
                "这个邀请链接不能用：它可能已经换成新的链接，或者邀请已经撤回。"
                "请打开最近收到的链接，或联系邀请您的单位。"
            ),
            "unknown_invitation",
        )
    return found


async def answer(secret: str, form: AnswerForm, me: Me | None) -> None:
    """Yes or no, which may change until the session begins. `me` answers when logged in for who was asked.

    Raises NotFound, and Refused with what has changed meanwhile.
    """
    if form.answer not in (Answer.ACCEPTED, Answer.DECLINED):
        raise Invalid({"answer": _("请从列表中选择一项。")})
    await _answer(secret, form.sequence, form.answer, form.remark, (None, None), me)


async def propose(secret: str, form: ProposalForm, me: Me | None) -> None:
    """A host school's or company's other time; raises as `answer` does, and Invalid."""
    if not (await invitation_by(secret)).of_site:
        raise NotFound
    if errors := rules.proposal_errors(form.starts_at, form.ends_at, clock.now()):
        raise Invalid(errors)
    other = (form.starts_at, form.ends_at)
    await _answer(secret, form.sequence, Answer.COUNTERED, form.reason, other, me)


async def reopen(session: int, said: Callable[[], str]) -> list[Recalled]:
    """The session was moved: answers count no longer and everybody is asked again, by the same secret.

    Only a host that had proposed this very time needs not answer again. Called inside the transaction that moved it;
    returns who was told, in one message each: what `said` says of the move, and that another answer is needed.
    """
    taken_up, reopened = await queries.take_up_and_reopen(session)
    await _tell_each(session, taken_up, rules.taken_up_text)
    await _tell_each(session, reopened, lambda _named: rules.reopened_text(said()))
    return [*taken_up, *reopened]


async def withdraw(session: int) -> None:
    """Who is no longer a guest of the session, or no longer its host, hears of it, and their links open nothing.

    Called inside the transaction that changed the session.
    """
    await _tell_each(session, await queries.withdraw(session), rules.withdrawn_text)


@again_after_deadlock
async def _answer(
    secret: str,
    sequence: int,
    said: Answer,
    remark: str,
    other: tuple[datetime | None, datetime | None],
    me: Me | None,
) -> None:
    await invitation_by(secret)
    async with transaction():
        invitation = await queries.find_answerable(secret)
        if invitation is None:
            raise NotFound
        rules.check_answerable(invitation, sequence, clock.now())
        by = me if me and invitation.asked in me.organizations() else None
        account = by.account if by else None
        if not await queries.save_answer(invitation, said, remark, other, account):
            raise Refused(_("邀请刚刚换成了新的链接。请打开最近收到的链接。"), "replaced")
        detail = {"who": invitation.who_code, "answer": said}
        await audit(
            by,
            "invitation.answer",
            invitation.session_code,
            organization=invitation.organization,
            **detail,
        )


async def _tell_each(session: int, recalled: Iterable[Recalled], say: Callable[[queries.Named], str]) -> None:
    """Guests and organizations apart: their ids are of two kinds."""
    recalled = list(recalled)
    if not recalled:
        return
    named = await queries.find_named(session)
    chinese, english = in_both(lambda: say(named))
    guests = [each.guest for each in recalled if each.guest]
    organizations = [each.organization for each in recalled if each.organization]
    for kind, ids in ((Recipient.GUEST, guests), (Recipient.ORGANIZATION, organizations)):
        await tell(named.organization, kind, ids, named.code, chinese, english)


async def _askable(me: Me, session_code: str) -> SessionRow:
    session = await _own_session(me, session_code)
    rules.check_askable(session, clock.now())
    return session


async def _own_session(me: Me, code: str) -> SessionRow:
    session = await find_own_session(code, me.organizations(ORGANIZING))
    if session is None:
        raise NotFound
    return session


async def _audit(me: Me, action: str, session: SessionRow, **detail: object) -> None:
    await audit(me, action, session.code, organization=session.organization, **detail)
