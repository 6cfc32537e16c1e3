"""One line of the table: the same work by the application and by the bare routes, in turn."""

import asyncio
import statistics
from dataclasses import dataclass
from pathlib import Path

from bench import data
from bench.load import Round, fire
from events_app.lib import database

HEAD = """\
| what | connections | ours /s | bare /s | ratio | p50 ms (bare) | p99 ms (bare) | CPU ms app + database (bare) | wrk |
|---|---|---|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Comparison:
    """`name` is the file of request lines; `rewinds`: every round begins with nobody checked in."""

    name: str
    connections: int
    by: str = "nobody"
    rewinds: bool = False
    registers: bool = False


COMPARISONS = (
    Comparison("check-ins", 8, by="script", rewinds=True),
    Comparison("check-ins", 32, by="script", rewinds=True),
    Comparison("registrations", 8, by="script", registers=True),
    Comparison("registrations", 32, by="script", registers=True),
    Comparison("registrations by page", 8, by="page", registers=True),
    Comparison("registrations by page", 32, by="page", registers=True),
    Comparison("session", 8),
    Comparison("agenda", 8),
    Comparison("attendees", 8, by="organizer"),
)


@dataclass(frozen=True)
class Sides:
    """Where both run: ports and pids, and who we are at ours."""

    directory: Path
    dsn: str
    token: str
    cookie: str
    our_port: int
    bare_port: int
    ours: int
    bare: int
    postmaster: int

    def headers(self, by: str) -> str:
        json = "Content-Type=application/json"
        bearer = f"Authorization=Bearer {self.token}\n{json}"
        page = "Content-Type=application/x-www-form-urlencoded"
        return {"script": bearer, "page": page, "organizer": f"Cookie={self.cookie}"}.get(by, json)


def compare(comparison: Comparison, sides: Sides, rounds: int, seconds: int) -> str:
    """A row of the table: A B A B …, medians, and the median of the rounds' ratios."""
    ours: list[Round] = []
    bare: list[Round] = []
    for number in range(rounds):
        for port, pid, prefix, results in (
            (sides.our_port, sides.ours, "", ours),
            (sides.bare_port, sides.bare, "bare-", bare),
        ):
            if comparison.rewinds:
                asyncio.run(_rewind(sides.dsn))
            key = f"{comparison.by}-{comparison.connections}-{number}" if comparison.registers else ""
            results.append(
                fire(
                    f"http://127.0.0.1:{port}",
                    _lines(sides.directory / f"{prefix}{comparison.name}", key),
                    headers=sides.headers("" if prefix else comparison.by),
                    connections=comparison.connections,
                    seconds=seconds,
                    server=pid,
                    database=sides.postmaster,
                    key=key,
                )
            )
    return _row(comparison, ours, bare)


def _lines(file: Path, key: str) -> Path:
    """The request lines; with a `key` the same people under other names, for each round registers somebody new."""
    if not key:
        return file
    renamed = file.with_name(f"{file.name}-{key}")
    if not renamed.exists():
        text = file.read_text()
        for family in ("\\u94b1", "%E9%92%B1"):  # 钱, as JSON and as forms write it
            text = text.replace(family, f"{family}{key}-")
        renamed.write_text(text)
    return renamed


def _row(comparison: Comparison, ours: list[Round], bare: list[Round]) -> str:
    ratio = statistics.median(a.rate / b.rate for a, b in zip(ours, bare, strict=True))
    cells = [
        comparison.name + _troubles(ours, bare),
        str(comparison.connections),
        f"{_middle(ours, 'rate'):.0f}",
        f"{_middle(bare, 'rate'):.0f}",
        f"**{ratio:.0%}**",
        f"{_middle(ours, 'p50'):.1f} ({_middle(bare, 'p50'):.1f})",
        f"{_middle(ours, 'p99'):.1f} ({_middle(bare, 'p99'):.1f})",
        f"{_cpu(ours)} ({_cpu(bare)})",
        f"{_middle(ours, 'load_cpu'):.2f}",
    ]
    return "| " + " | ".join(cells) + " |"


def _cpu(rounds: list[Round]) -> str:
    return f"{_middle(rounds, 'cpu'):.2f} + {_middle(rounds, 'database_cpu'):.2f}"


def _troubles(ours: list[Round], bare: list[Round]) -> str:
    errors, refused = sum(r.errors for r in ours + bare), sum(r.refused for r in ours)
    return f" (errors {errors}, refused {refused})" if errors or refused else ""


def _middle(rounds: list[Round], what: str) -> float:
    return float(statistics.median(getattr(r, what) for r in rounds))


async def _rewind(dsn: str) -> None:
    await asyncio.sleep(0.5)  # the last answers of the round before are still being written
    database.configure(dsn)
    await data.rewind()
