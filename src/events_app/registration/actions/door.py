"""What is asked of people who stand at the door, and what organisers read of the answers."""

import msgspec

from events_app.accounts.actions import audit
from events_app.accounts.rules import AT_THE_GATE, ORGANIZING, Me
from events_app.lib.database import transaction
from events_app.lib.errors import NotFound
from events_app.programmes.queries.sessions import SessionRow, find_own_session
from events_app.registration.actions.answers import Answered, Filled, answer, file_names, words_of
from events_app.registration.actions.terms import terms_of
from events_app.registration.queries import answers as queries
from events_app.registration.queries.answers import SeatAnswers
from events_app.registration.queries.attachments import claim_attachments
from events_app.registration.rules.answers import Worded, asked_at, field_name, is_asked
from events_app.registration.rules.questions import Question, Stage
from events_app.registration.rules.terms import TermsVersion


class AtDoor(msgspec.Struct, frozen=True):
    """Somebody who holds a seat: what the door asks, what was answered to it, and all that the reader may see."""

    session: SessionRow
    seat: SeatAnswers
    terms: TermsVersion
    asked: list[Question]
    values: dict[str, str | list[str]]
    shown: list[Worded]


class DoorState(msgspec.Struct, frozen=True):
    """How many questions the door asks somebody, and how many of the required ones are open."""

    asked: int
    open: int


async def gate_session(me: Me, code: str) -> SessionRow:
    """For gate staff as well as organisers; raises NotFound for one of others."""
    session = await find_own_session(code, me.organizations(AT_THE_GATE))
    if session is None:
        raise NotFound
    return session


async def read_seat(me: Me, code: str, seat: int) -> AtDoor:
    """Raises NotFound. Gate staff see what the door asks, and nothing of what was written at home.

    Whose answers were read is written down.
    """
    session = await gate_session(me, code)
    held = await queries.find_seat_answers(session.id, seat)
    if held is None:
        raise NotFound
    terms = await terms_of(held.activity, held.terms)
    at_door = asked_at(terms.questions, Stage.DOOR)
    visible = terms.questions if session.organization in me.organizations(ORGANIZING) else at_door
    shown = await words_of(held, visible)
    if shown:
        await audit(me, "answers.read", f"{code}/{seat}", organization=session.organization)
    return AtDoor(
        session=session,
        seat=held,
        terms=terms,
        asked=[question for question in at_door if _may_be_asked(question, at_door, held)],
        values=await _values(at_door, held),
        shown=shown,
    )


async def answer_at_door(me: Me, door: AtDoor, filled: Filled) -> Answered:
    """Save what somebody who stands at the door answers to its questions."""
    registration, subject = door.seat.registration, f"{door.session.code}/{door.seat.seat}"
    async with transaction():
        given = await queries.lock_answers(registration)
        done = await answer(door.terms, filled, stage=Stage.DOOR, registration=registration, given=given)
        if not done.errors:
            await queries.save_answers(registration, done.reply.answers)
            await claim_attachments(registration, done.reply.files)
            await audit(me, "answers.update", subject, organization=door.session.organization)
    return done


async def door_states(session: int, seats: list[int]) -> dict[int, DoorState]:
    """By seat."""
    held = await queries.list_seat_answers(session, seats)
    return {seat: await _state(answers) for seat, answers in held.items()}


async def _state(held: SeatAnswers) -> DoorState:
    terms = await terms_of(held.activity, held.terms)
    asked = [q for q in asked_at(terms.questions, Stage.DOOR) if is_asked(q, held.answers)]
    return DoorState(len(asked), sum(q.required and q.code not in held.answers for q in asked))


def _may_be_asked(question: Question, at_door: list[Question], held: SeatAnswers) -> bool:
    """What was answered at registration rules a question out before the door's form is shown."""
    if question.only_if is None or question.only_if.question in {q.code for q in at_door}:
        return True
    return is_asked(question, held.answers)


async def _values(at_door: list[Question], held: SeatAnswers) -> dict[str, str | list[str]]:
    """For the form: the answers, and the names of the files among them."""
    answered = {q.code: held.answers[q.code] for q in at_door if q.code in held.answers}
    values = {field_name(code): answer for code, answer in answered.items()}
    names = await file_names(held)
    kept = {code: names[str(answer)] for code, answer in answered.items() if str(answer) in names}
    return values | {f"{field_name(code)}-name": name for code, name in kept.items()}
