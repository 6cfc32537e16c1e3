"""What reaches the log says what broke and where, and names nobody."""

from collections.abc import Iterator

import asyncpg
import msgspec
import pytest
import structlog
from tests.people import Union, make_union, register

from events_app.lib import database, logs


@pytest.fixture(autouse=True)
def usual_log() -> Iterator[None]:
    usual = structlog.get_config()
    logs.configure()
    yield
    structlog.configure(**usual)


@pytest.fixture
async def union(db: object) -> Union:
    return await make_union()


def logged(error: BaseException) -> str:
    """The exception as it stands in the log's line."""
    event: object = {"event": "failed", "exc_info": error}
    for process in structlog.get_config()["processors"]:
        event = process(None, "error", event)
    assert isinstance(event, bytes)
    return str(msgspec.json.decode(event)["exception"])


async def failure(sql: str, *values: object) -> BaseException:
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)) as raised:
        async with database.attempt():
            await database.fetch(sql, *values)
    error: BaseException = raised.value
    return error


async def test_row_that_is_refused_does_not_reach_the_log(union: Union) -> None:
    await register(union.session, "赵敏")
    error = await failure("INSERT INTO person (name, phone) SELECT name, phone FROM person")

    text = logged(error)

    assert "赵敏" in str(error)
    assert "赵敏" not in text
    assert text.endswith("asyncpg.exceptions.UniqueViolationError 23505 person person_phone_name_uq")
    assert "test_logs.py" in text


async def test_value_that_does_not_fit_does_not_reach_the_log(union: Union) -> None:
    errors = [await failure("SELECT $1::text::int", "赵敏"), await failure("SELECT $1::int", "赵敏")]

    assert ["赵敏" in str(error) for error in errors] == [True, True]
    assert ["赵敏" in logged(error) for error in errors] == [False, False]
    assert "22P02" in logged(errors[0])


async def test_cause_is_told_first_and_names_nobody_either(union: Union) -> None:
    inner = await failure("SELECT $1::int", "赵敏")
    outer = RuntimeError("while counting")
    outer.__cause__ = inner

    lines = logged(ExceptionGroup("two", [outer, ValueError("third")])).splitlines()

    assert [line for line in lines if line[0] != " "] == [
        "builtins.TypeError: 'str' object cannot be interpreted as an integer",
        "asyncpg.exceptions.DataError 22000",
        "builtins.RuntimeError: while counting",
        "builtins.ValueError: third",
        "builtins.ExceptionGroup: two (2 sub-exceptions)",
    ]
