"""Run every comparison, ours and bare in turn, and print the table that stands in RESULTS.md."""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench import clashes, data, races
from bench.comparison import COMPARISONS, HEAD, Sides, compare
from bench.load import family_pss
from events_app import schema
from events_app.lib import database
from events_app.lib.postgres import embedded

SECRET = "b" * 64
OURS, BARE = 8511, 8512
WORKERS = 2


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="events-bench-", dir=options.directory) as name:
        directory = Path(name)
        directory.chmod(0o755)  # PostgreSQL's own account has to get in when we are root
        with embedded(directory) as dsn:
            world = asyncio.run(_prepare(dsn, directory))
            _run(options, directory, dsn, world)
    if options.only in "clashes":
        print("\nLooking for clashes among 100,000 sessions of ten years")
        clashes.run(options.directory)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--only", default="", help="Run only the comparisons whose name contains this.")
    parser.add_argument(
        "--directory", default=None, help="Where the database lies (a disk, for its fsync to count)."
    )
    return parser.parse_args()


async def _prepare(dsn: str, directory: Path) -> data.World:
    await schema.migrate(dsn)
    await database.open_pool(2)
    try:
        return await data.build(SECRET.encode(), directory)
    finally:
        await database.close_pool()


def _run(options: argparse.Namespace, directory: Path, dsn: str, world: data.World) -> None:
    with _ours(directory, dsn) as ours, _bare(directory, dsn) as bare:
        if not options.only:
            asyncio.run(races.run(f"http://127.0.0.1:{OURS}", world))
        sides = Sides(directory, dsn, world.token, _cookie(), OURS, BARE, ours, bare, _postmaster(directory))
        print(HEAD)
        for comparison in COMPARISONS:
            if options.only in comparison.name:
                print(compare(comparison, sides, options.rounds, options.seconds), flush=True)
        print(f"\nPSS of the application afterwards: {family_pss(ours) / 1024:.0f} MiB")


@contextmanager
def _ours(directory: Path, dsn: str) -> Iterator[int]:
    began = time.perf_counter()
    command = [sys.executable, "-m", "bench.ours", "serve"]
    with _process(command, _environment(directory, dsn), directory / "ours.log") as pid:
        _wait(f"http://127.0.0.1:{OURS}/healthz")
        seconds, mebibytes = time.perf_counter() - began, family_pss(pid) / 1024
        print(f"start to first answer {seconds:.2f} s; idle PSS with {WORKERS} workers {mebibytes:.0f} MiB")
        yield pid


@contextmanager
def _bare(directory: Path, dsn: str) -> Iterator[int]:
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "bench.bare:application"]
    command += ["--port", str(BARE), "--workers", str(WORKERS), "--loop", "uvloop", "--no-log"]
    with _process(command, _environment(directory, dsn), directory / "bare.log") as pid:
        _wait(f"http://127.0.0.1:{BARE}/sessions")
        yield pid


def _environment(directory: Path, dsn: str) -> dict[str, str]:
    return os.environ | {
        "EVENTS_DATABASE_URL": dsn,
        "EVENTS_SECRET_KEY": SECRET,
        "EVENTS_DATA_DIR": str(directory),
        "EVENTS_PORT": str(OURS),
        "EVENTS_WORKERS": str(WORKERS),
    }


def _postmaster(directory: Path) -> int:
    return int((directory / "postgres" / "postmaster.pid").read_text().split()[0])


def _cookie() -> str:
    with httpx.Client(base_url=f"http://127.0.0.1:{OURS}") as browser:
        answer = browser.post("/login", data={"login": data.LOGIN, "password": data.PASSWORD})
        return answer.headers["set-cookie"].split(";")[0]


def _wait(url: str) -> None:
    for _ in range(500):
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.02)
    raise SystemExit(f"bench: {url} does not answer")


@contextmanager
def _process(command: list[str], env: dict[str, str], log: Path) -> Iterator[int]:
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=env, stdout=out, stderr=out)
        try:
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


if __name__ == "__main__":
    main()
