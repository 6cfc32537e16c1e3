"""A network that breaks: between the browser and the server, at moments of its own choosing."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from urllib.parse import urlsplit

_PIECE = 64 * 1024


class Cutter:
    """Passes everything on, and breaks the connection at those requests to `path` that `cuts` picks, from 1 on.

    By turns before anything has arrived, in the middle of the request, after the server has done it and before it
    could say so, and in the middle of the answer.
    """

    def __init__(self, server: str, path: bytes, cuts: Callable[[int], bool]) -> None:
        there = urlsplit(server)
        self._host, self._port = there.hostname or "", there.port or 80
        self._path, self._cuts = path, cuts
        self._ways = count()
        self.asked = self.cut = 0
        self.address = ""

    async def serve(self, ready: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0, limit=4 * _PIECE)
        self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ready.set()
        await self._stop.wait()
        server.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)

    async def _connect(self, near: asyncio.StreamReader, to_near: asyncio.StreamWriter) -> None:
        far, to_far = await asyncio.open_connection(self._host, self._port)
        answers = asyncio.create_task(_pass_on(far, to_near))
        try:
            while piece := await near.read(_PIECE):
                if self._is_cut(piece):
                    await _stopped(answers)
                    await self._break(next(self._ways) % 4, piece, near, far, to_near, to_far)
                    break
                to_far.write(piece)
                await to_far.drain()
        except (ConnectionError, asyncio.CancelledError):  # either end is gone, or it is over
            pass
        finally:
            answers.cancel()
            for end in (to_near, to_far):
                end.transport.abort()

    def _is_cut(self, piece: bytes) -> bool:
        line = piece.partition(b"\r\n")[0]
        if not (line.startswith(b"POST ") and self._path in line):
            return False
        self.asked += 1
        chosen = self._cuts(self.asked)
        self.cut += chosen
        return chosen

    async def _break(
        self,
        way: int,
        piece: bytes,
        near: asyncio.StreamReader,
        far: asyncio.StreamReader,
        to_near: asyncio.StreamWriter,
        to_far: asyncio.StreamWriter,
    ) -> None:
        if way == 0:
            return
        if way == 1:
            to_far.write(piece[: len(piece) // 2])
            await to_far.drain()
            return
        to_far.write(piece)
        rest = asyncio.create_task(_pass_on(near, to_far))
        answer = await far.read(_PIECE)
        await _stopped(rest)
        if way == 3:
            to_near.write(answer[: len(answer) // 2])
            await to_near.drain()


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _pass_on(near: asyncio.StreamReader, far: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await near.read(_PIECE):
            far.write(piece)
            await far.drain()


@contextmanager
def cutter(server: str, path: bytes, cuts: Callable[[int], bool]) -> Iterator[Cutter]:
    """In a thread of its own: Playwright keeps ours busy."""
    made, ready = Cutter(server, path, cuts), threading.Event()
    thread = threading.Thread(target=asyncio.run, args=(made.serve(ready),))
    thread.start()
    assert ready.wait(10)
    try:
        yield made
    finally:
        made.stop()
        thread.join(10)
