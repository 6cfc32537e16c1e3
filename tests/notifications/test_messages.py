"""Telling people: one statement for a full hall, kept or undone with what happened."""

from types import ModuleType

import pytest
from tests.people import counted_statements, make_organization

from events_app.lib.language import current
from events_app.notifications.actions import tell
from events_app.notifications.queries import list_messages, list_organizations_messages
from events_app.notifications.tables import Recipient


async def test_the_newest_message_comes_first(db: ModuleType) -> None:
    union = await make_organization()
    await tell(union.id, Recipient.REGISTRATION, [7], "s1", "改期")
    await tell(union.id, Recipient.REGISTRATION, [7], "s1", "取消")

    assert [m.text for m in await list_messages(Recipient.REGISTRATION, 7)] == ["取消", "改期"]


async def test_a_guest_is_not_told_what_the_registration_of_the_same_number_is(db: ModuleType) -> None:
    union = await make_organization()
    await tell(union.id, Recipient.REGISTRATION, [7], "s1", "改期")

    assert await list_messages(Recipient.GUEST, 7) == []
    assert await list_messages(Recipient.REGISTRATION, 8) == []


async def test_messages_of_one_session_are_found_behind_a_hundred_others(db: ModuleType) -> None:
    union = await make_organization()
    await tell(union.id, Recipient.ORGANIZATION, [7], "s1", "改期")
    for _other in range(100):
        await tell(union.id, Recipient.ORGANIZATION, [7], "s2", "取消")

    assert [m.text for m in await list_messages(Recipient.ORGANIZATION, 7, "s1")] == ["改期"]


async def test_last_ten_messages_of_ones_own_organizations_are_listed(db: ModuleType) -> None:
    union = await make_organization()
    for number in range(12):
        await tell(union.id, Recipient.ORGANIZATION, [7 + number % 2], f"s{number}", f"改期{number}")
    await tell(union.id, Recipient.ORGANIZATION, [9], "s1", "别人的")

    texts = [message.text for message in await list_organizations_messages([7, 8])]

    assert texts == [f"改期{number}" for number in range(11, 1, -1)]


async def test_five_thousand_people_are_told_in_one_statement(db: ModuleType) -> None:
    union = await make_organization()

    async with counted_statements() as statements:
        told = await tell(union.id, Recipient.REGISTRATION, list(range(1, 5001)), "s1", "改期")

    assert told == 5000
    assert len(statements) == 1
    assert [m.text for m in await list_messages(Recipient.REGISTRATION, 5000)] == ["改期"]


async def test_nobody_to_tell_costs_nothing(db: ModuleType) -> None:
    async with counted_statements() as statements:
        assert await tell(1, Recipient.GUEST, [], "s1", "改期") == 0

    assert statements == []


@pytest.mark.parametrize(("english", "read"), [("Moved", "Moved"), ("", "改期")])
async def test_english_readers_get_english_where_there_is_some(
    db: ModuleType, english: str, read: str
) -> None:
    union = await make_organization()
    await tell(union.id, Recipient.REGISTRATION, [7], "s1", "改期", english)
    token = current.set("en")

    try:
        messages = await list_messages(Recipient.REGISTRATION, 7)
    finally:
        current.reset(token)

    assert [m.text for m in messages] == [read]
