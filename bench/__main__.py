"""Run every comparison, ours and bare in turn, and print the table that stands in RESULTS.md."""

import argparse
import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench import data, races
from bench.load import Round, family_pss, fire
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
        directory.chmod(0o755)
        with embedded(directory) as dsn:
            postmaster = int((directory / "postgres" / "postmaster.pid").read_text().split()[0])
            world = asyncio.run(_prepare(dsn, directory))
            _compare(options, directory, dsn, postmaster, world)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--only", default="", help="Run only the comparisons whose name contains this.")
    parser.add_argument("--directory", default=None, help="Where the database lies (a disk, for its fsync to count).")
    return parser.parse_args()


async def _prepare(dsn: str, directory: Path) -> data.World:
    await schema.migrate(dsn)
    await database.open_pool(2)
    try:
        return await data.build(SECRET.encode(), directory)
    finally:
        await database.close_pool()


def _compare(
    options: argparse.Namespace, directory: Path, dsn: str, postmaster: int, world: data.World
) -> None:
    env = os.environ | {"EVENTS_DATABASE_URL": dsn, "EVENTS_SECRET_KEY": SECRET, "EVENTS_DATA_DIR": str(directory)}
    env |= {"EVENTS_PORT": str(OURS), "EVENTS_WORKERS": str(WORKERS)}
    began = time.perf_counter()
    with _process([sys.executable, "-m", "events_app.cli", "serve"], env, directory / "ours.log") as ours:
        _wait(f"http://127.0.0.1:{OURS}/healthz")
        print(f"start to first answer {time.perf_counter() - began:.2f} s, PSS {family_pss(ours) / 1024:.0f} MiB")
        bare_command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "bench.bare:application"]
        bare_command += ["--port", str(BARE), "--workers", str(WORKERS), "--loop", "uvloop", "--no-log"]
        with _process(bare_command, env, directory / "bare.log") as bare:
            _wait(f"http://127.0.0.1:{BARE}/sessions")
            if "race" in (options.only or "race"):
                asyncio.run(races.run(f"http://127.0.0.1:{OURS}", world))
            pids = {"ours": ours, "bare": bare, "database": postmaster}
            _table(options, directory, world, pids, dsn)
        print(f"PSS afterwards {family_pss(ours) / 1024:.0f} MiB")


def _table(
    options: argparse.Namespace, directory: Path, world: data.World, pids: dict[str, int], dsn: str
) -> None:
    bearer = f"Authorization=Bearer {world.token}\nContent-Type=application/json"
    cookie = _cookie()
    print("| what | connections | ours /s | bare /s | ratio | p50 ms (bare) | p99 ms (bare) |"
          " CPU ms: app + database (bare) | wrk CPU ms |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|")
    for name, headers, connections in (
        ("check-ins", bearer, 8),
        ("check-ins", bearer, 32),
        ("registrations", bearer, 8),
        ("registrations", bearer, 32),
        ("session", "", 8),
        ("agenda", "", 8),
        ("attendees", f"Cookie={cookie}", 8),
    ):
        if options.only in name:
            ours: list[Round] = []
            bare: list[Round] = []
            for number in range(options.rounds):
                for side, port, rounds in (("ours", OURS, ours), ("bare", BARE, bare)):
                    if name == "check-ins":
                        asyncio.run(_rewind(dsn))
                    file = directory / (name if side == "ours" else f"bare-{name}")
                    shared = {"connections": connections, "seconds": options.seconds, "database": pids["database"]}
                    key = f"{connections}-{number}" if name == "registrations" else ""
                    if key:
                        file = _renamed(file, key)
                    sent = headers if side == "ours" else "Content-Type=application/json"
                    url = f"http://127.0.0.1:{port}"
                    rounds.append(fire(url, file, headers=sent, server=pids[side], key=key, **shared))
            print(_row(name, connections, ours, bare), flush=True)


def _renamed(file: Path, key: str) -> Path:
    """The same people under other names: each round registers somebody new."""
    renamed = file.with_name(f"{file.name}-{key}")
    if not renamed.exists():
        renamed.write_text(file.read_text().replace("\\u94b1", f"\\u94b1{key}-"))
    return renamed


def _row(name: str, connections: int, ours: list[Round], bare: list[Round]) -> str:
    def middle(rounds: list[Round], what: str) -> float:
        return statistics.median(getattr(r, what) for r in rounds)

    ratio = statistics.median(a.rate / b.rate for a, b in zip(ours, bare, strict=True))
    wrong = sum(r.errors for r in ours + bare), sum(r.refused for r in ours)
    note = f" errors {wrong[0]}, refused {wrong[1]}" if any(wrong) else ""
    cells = [
        name + note,
        str(connections),
        f"{middle(ours, 'rate'):.0f}",
        f"{middle(bare, 'rate'):.0f}",
        f"**{ratio:.0%}**",
        f"{middle(ours, 'p50'):.1f} ({middle(bare, 'p50'):.1f})",
        f"{middle(ours, 'p99'):.1f} ({middle(bare, 'p99'):.1f})",
        f"{middle(ours, 'cpu'):.2f} + {middle(ours, 'database_cpu'):.2f}"
        f" ({middle(bare, 'cpu'):.2f} + {middle(bare, 'database_cpu'):.2f})",
        f"{middle(ours, 'load_cpu'):.2f}",
    ]
    return "| " + " | ".join(cells) + " |"


async def _rewind(dsn: str) -> None:
    await asyncio.sleep(0.5)  # the last answers of the round before are still being written
    database.configure(dsn)
    await data.rewind()


def _cookie() -> str:
    with httpx.Client(base_url=f"http://127.0.0.1:{OURS}") as browser:
        answer = browser.post("/login", data={"login": data.LOGIN, "password": data.PASSWORD})
        return answer.headers["set-cookie"].split(";")[0]


def _wait(url: str) -> None:
    for _ in range(200):
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
