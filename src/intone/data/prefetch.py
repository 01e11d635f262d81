"""The next items are made in a thread while the present one is used."""

from __future__ import annotations

import atexit
import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

T = TypeVar("T")


def prefetched(source: Iterator[T], ahead: int = 4) -> Iterator[T]:
    """The items of `source`, up to `ahead` of them made in advance by one thread.

    A thread is enough: reading and copying arrays leave the interpreter free. An error
    in `source` is raised here, where the item was due.
    """
    ready: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue(ahead)
    stopped = threading.Event()

    def put(item: tuple[T | None, BaseException | None]) -> None:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=0.1)
                return
            except queue.Full:
                continue

    def work() -> None:
        try:
            for item in source:
                put((item, None))
                if stopped.is_set():
                    return
            put((None, StopIteration()))
        except BaseException as error:
            put((None, error))

    thread = threading.Thread(target=work, daemon=True)

    def stop() -> None:
        stopped.set()
        thread.join(timeout=5)

    # A thread that is in compiled code while the interpreter ends aborts the process.
    atexit.register(stop)
    thread.start()
    try:
        while True:
            item, error = ready.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            assert item is not None
            yield item
    finally:
        stop()
        atexit.unregister(stop)
