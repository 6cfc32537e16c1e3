"""What scripts get: a token, sessions to race for and to walk through, tickets that let people in."""

import json
from uuid import uuid4

from events_app import demo
from events_app.accounts import queries as accounts
from events_app.accounts.rules import ORGANIZING, Me
from events_app.checkin.actions import admitting as actions
from events_app.checkin.queries.admitting import Scan
from events_app.checkin.tables import Direction, Verdict
from events_app.demo import Description
from events_app.lib import clock, codes, database
from events_app.settings import Settings

LONG_ENOUGH = "closes_at > now() + interval '14 days' AND check_in_closes_at > now() + interval '14 days'"


async def find_robot(loaded: Description) -> Me:
    me = await accounts.find_token(codes.digest(loaded.token))
    assert me is not None
    return me


def test_json_has_the_promised_shape(loaded: Description) -> None:
    read = json.loads(loaded.as_json())

    assert list(read) == ["base_url", "accounts", "token", "sessions", "tickets"]
    assert list(read["accounts"][0]) == ["login", "password", "role", "organization"]
    assert list(read["sessions"][0]) == ["code", "activity", "capacity", "check_in_open"]
    assert list(read["tickets"][0]) == ["session", "ticket"]


def test_text_names_every_login(loaded: Description) -> None:
    text = loaded.as_text()

    assert all(account.login in text and account.password in text for account in loaded.accounts)


async def test_a_race_and_a_walk_are_free_and_open(loaded: Description) -> None:
    race, walk = loaded.sessions[:2]

    free = await database.fetch(
        f"""SELECT s.code FROM session s JOIN activity a ON a.id = s.activity
             WHERE s.code = ANY($1) AND s.waiting_list AND a.admission <> 'approval' AND {LONG_ENOUGH}
               AND NOT EXISTS (SELECT FROM seat WHERE session = s.id)""",
        [race.code, walk.code],
    )

    assert race.capacity == 50
    assert walk.capacity >= 500
    assert race.check_in_open
    assert walk.check_in_open
    assert len(free) == 2


async def test_token_organizes_wherever_there_are_activities(loaded: Description) -> None:
    owners = {row["organization"] for row in await database.fetch("SELECT organization FROM activity")}

    assert owners <= set((await find_robot(loaded)).organizations(ORGANIZING))


async def test_wang_organizes_and_qian_is_of_another_union(loaded: Description) -> None:
    roles = {a.login: (a.role, a.organization) for a in loaded.accounts}

    assert roles["wang"] == ("organizer", "yunnan-zonggonghui")
    assert roles["li"] == ("gate", "yunnan-zonggonghui")
    assert roles["qian"] == ("organizer", "qinghai-zonggonghui")


async def test_every_ticket_lets_its_holder_in_and_is_printed_again(
    db: object, loaded: Description, settings: Settings
) -> None:
    me = await find_robot(loaded)

    outcomes = [await actions.admit(_scan(me, ticket.session, ticket.ticket)) for ticket in loaded.tickets]

    assert 20 <= len(outcomes) <= 50
    assert {outcome.verdict for outcome in outcomes} == {Verdict.ADMITTED}
    assert await demo.describe(settings) == loaded


async def test_tickets_are_signed_with_the_platforms_key(loaded: Description, settings: Settings) -> None:
    signer = codes.signer(settings.secret_key)

    for row in await database.fetch("SELECT ticket, signature FROM registration LIMIT 50"):
        assert row["signature"] == signer.sign(row["ticket"])


def _scan(me: Me, session: str, ticket: str) -> Scan:
    read = codes.read_ticket(ticket)
    assert read is not None
    return Scan(
        session=session,
        ticket=read[0],
        signature=read[1],
        nonce=uuid4().hex,
        direction=Direction.IN,
        at=clock.now(),
        offline=False,
        place="东门",
        account=me.account,
        token=me.credential,
        address="",
        request_id="",
    )
