"""Run the bad days and print the table that stands in docs/reliability.md; exit code 1 when anything was lost."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from faults import kills


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="events-faults-", dir=options.directory) as name:
        directory = Path(name)
        directory.chmod(0o755)  # PostgreSQL's own account has to get in when we are root
        results = asyncio.run(_run(options, directory))
    wrong = [text for result in results for text in result.seen.wrong]
    print("\n".join(wrong[:10]))
    sys.exit(any(result.bad for result in results))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="faults")
    parser.add_argument("--kills", type=int, default=50, help="How often the application is killed.")
    parser.add_argument("--database-kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0, help="Another seed kills at other moments.")
    parser.add_argument(
        "--directory", default=None, help="Where the database lies (a disk, for its fsync to count)."
    )
    return parser.parse_args()


async def _run(options: argparse.Namespace, directory: Path) -> list[kills.Result]:
    world = await kills.prepare(directory)
    print(kills.HEAD)
    results = []
    for kill, times, seed in (
        (kills.kill_application, options.kills, options.seed * 2),
        (kills.kill_database, options.database_kills, options.seed * 2 + 1),
    ):
        results.append(await kill(directory, world, times, seed))
        print(results[-1].line(), flush=True)
    return results


if __name__ == "__main__":
    main()
