"""Settings are read once, and what cannot be right is refused in a sentence."""

import multiprocessing
from pathlib import Path

import pytest

from events_app.settings import SettingsError, from_environment

PRODUCTION = {
    "EVENTS_ENV": "production",
    "EVENTS_DATABASE_URL": "postgresql://events@db/events",
    "EVENTS_SECRET_KEY": "0" * 64,
}


def secret_key(directory: str) -> bytes:
    return from_environment({"EVENTS_DATA_DIR": directory}).secret_key


def test_first_starts_at_once_agree_on_the_key(tmp_path: Path) -> None:
    # Spawned, because a fork of a process with threads may wait for ever for a lock that nobody holds.
    with multiprocessing.get_context("spawn").Pool(4) as starts:
        for attempt in range(10):
            directory = str(tmp_path / str(attempt))
            keys = starts.map(secret_key, [directory] * 4, chunksize=1)

            assert (len(set(keys)), len(keys[0])) == (1, 64)
            assert [file.name for file in Path(directory).iterdir()] == ["secret-key"]


def test_key_is_the_owners_alone_and_stays(tmp_path: Path) -> None:
    first, second = secret_key(str(tmp_path)), secret_key(str(tmp_path))

    assert first == second
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damaged", ["", "\n", "0" * 31])
def test_damaged_key_is_refused(tmp_path: Path, damaged: str) -> None:
    (tmp_path / "secret-key").write_text(damaged)

    with pytest.raises(SettingsError, match="secret-key holds no whole key"):
        secret_key(str(tmp_path))


@pytest.mark.parametrize(
    "url",
    ["https://events.example.org", "http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"],
)
def test_production_is_reached_through_tls_or_on_this_machine(url: str) -> None:
    assert from_environment(PRODUCTION | {"EVENTS_BASE_URL": url}).base_url == url


@pytest.mark.parametrize(
    "url", ["http://events.example.org", "http://10.0.0.1", "http://localhost.example.org"]
)
def test_production_refuses_plain_http(url: str) -> None:
    with pytest.raises(SettingsError, match="use https"):
        from_environment(PRODUCTION | {"EVENTS_BASE_URL": url})

    assert from_environment({"EVENTS_BASE_URL": url, "EVENTS_SECRET_KEY": "0" * 64}).base_url == url


@pytest.mark.parametrize("url", ["events.example.org", "ftp://x", "https://", "https://x/?a=1", "http://["])
def test_base_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="write it like"):
        from_environment({"EVENTS_BASE_URL": url})
