"""One round of load with wrk, and what it cost in CPU on either side."""

import json
import os
import resource
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_THREADS = 2
_SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True)
class Round:
    """`rate` in requests a second, times in ms. `cpu` and `database_cpu` are ms a request; `load_cpu` is wrk's own."""

    rate: float
    p50: float
    p99: float
    errors: int
    refused: int
    cpu: float
    database_cpu: float
    load_cpu: float


def wrk() -> str:
    """Raises SystemExit with the way to get it."""
    found = shutil.which("wrk")
    if not found:
        raise SystemExit("bench: wrk is missing; on Debian: apt-get install wrk")
    return found


def fire(
    url: str,
    lines: Path,
    *,
    headers: str,
    connections: int,
    seconds: int,
    server: int,
    database: int,
    key: str = "",
) -> Round:
    """Send `lines` for `seconds` over `connections`; `server` and `database` are the pids whose families we watch."""
    before, database_before, own_before = family_cpu(server), family_cpu(database), _children_cpu()
    env = os.environ | {
        "BENCH_LINES": str(lines),
        "BENCH_HEADERS": headers,
        "BENCH_THREADS": str(_THREADS),
        "BENCH_KEYS": "1" if key else "0",
        "BENCH_ROUND": key,
    }
    command = [
        wrk(),
        f"-t{_THREADS}",
        f"-c{connections}",
        f"-d{seconds}s",
        "--latency",
        "-s",
        str(_SCRIPT),
        url,
    ]
    said = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stderr
    told = json.loads(said[said.index("{") :])
    requests = max(told["requests"], 1)
    return Round(
        rate=requests / told["seconds"],
        p50=told["p50"],
        p99=told["p99"],
        errors=told["errors"],
        refused=told["refused"],
        cpu=(family_cpu(server) - before) * 1000 / requests,
        database_cpu=(family_cpu(database) - database_before) * 1000 / requests,
        load_cpu=(_children_cpu() - own_before) * 1000 / requests,
    )


def family_cpu(pid: int) -> float:
    """CPU seconds of a process and all that descend from it, those that ended included."""
    total = 0.0
    for member in _family(pid):
        with suppress(OSError):  # ended while we were counting; its parent has its time
            total += _cpu(member)
    return total


def family_pss(pid: int) -> int:
    """Proportional set size of the family in KiB."""
    return sum(_pss(member) for member in _family(pid))


def _family(pid: int) -> Sequence[int]:
    members = [pid]
    for member in members:
        for children in Path(f"/proc/{member}/task").glob("*/children"):
            with suppress(OSError):
                members += [int(child) for child in children.read_text().split()]
    return members


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(fields[i]) for i in (11, 12, 13, 14)) / _TICKS


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
