"""A thread that works as long as there is work, and otherwise sleeps until it is woken or some time has passed."""

import logging
import threading
from abc import ABC, abstractmethod


class Loop(ABC):
    """Runs `step` again and again in a thread of its own. An error of one step is logged; the next one comes."""

    poll = 2.0  # seconds until it looks by itself: another server may have left work, or a time has come

    def __init__(self, name: str) -> None:
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def step(self) -> bool:
        """Do one piece of work; False: there was none."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """There is work."""
        self._wake.set()

    def stop(self) -> None:
        """End after the present step, and wait for that."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                busy = self.step()
            except Exception:
                logging.getLogger("crumple.serve").exception("%s failed; it goes on", self._thread.name)
                busy = False
            if not busy:
                self._wake.wait(self.poll)
