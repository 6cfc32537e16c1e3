"""What the other tests rely on: one sees nothing of another, and the application answers."""

from types import ModuleType

import httpx

from events_app.lib import database


async def test_db_forgets_everything_at_the_end(db: ModuleType) -> None:
    # The tests below make the same table: left over, it would stop them.
    await _make_a_table()


async def test_db_starts_without_what_another_test_did(db: ModuleType) -> None:
    await _make_a_table()


async def test_committed_db_is_a_migrated_database_of_its_own(committed_db: str) -> None:
    async with database.transaction():
        await _make_a_table()

    assert committed_db.endswith(await database.value("SELECT current_database()"))
    assert await database.value("SELECT count(*) > 0 FROM migration")


async def test_db_is_the_usual_database_after_a_committed_one(db: ModuleType) -> None:
    await _make_a_table()


async def test_client_reaches_the_application(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def _make_a_table() -> None:
    await database.fetch("CREATE TABLE made_by_a_test (n integer)")
