"""Word that an inspection changed, from the threads that change it to the streams that watch it."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Changes:
    """Wakes listeners. What changed they read themselves, so that nothing is lost with a message."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[str, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = defaultdict(set)
        self.closed = False

    def tell(self, inspection_id: str) -> None:
        """From any thread: this inspection changed."""
        with self._lock:
            for loop, event in self._listeners.get(inspection_id, ()):
                loop.call_soon_threadsafe(event.set)

    @contextmanager
    def listen(self, inspection_id: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the inspection changed, or everything ends (`closed`)."""
        listener = asyncio.get_running_loop(), asyncio.Event()
        with self._lock:
            self._listeners[inspection_id].add(listener)
        try:
            yield listener[1]
        finally:
            with self._lock:
                self._listeners[inspection_id].discard(listener)
                if not self._listeners[inspection_id]:
                    del self._listeners[inspection_id]

    def close(self) -> None:
        """Wake everybody for the last time."""
        self.closed = True
        with self._lock:
            for listeners in self._listeners.values():
                for loop, event in listeners:
                    loop.call_soon_threadsafe(event.set)
