"""From starting Python to the first assessment, and the memory that it takes at most."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from crumple.errors import CrumpleError

# Prints the peak memory in bytes, or 0 where the system does not tell. Linux counts ru_maxrss on from the process that
# started this one, hence /proc; on macOS it is in bytes.
PROGRAM = """\
import sys, crumple
crumple.assess(sys.argv[1], model=sys.argv[2])
if sys.platform == "darwin":
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
elif sys.platform == "linux":
    print(next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")))
else:
    print(0)
"""


@dataclass(frozen=True)
class ColdStart:
    """Seconds by the clock and of processor time, and bytes; 0 where the system does not tell."""

    seconds: float
    processor: float
    peak_memory: int


def cold_start(model: Path, photo: Path, *, compiled: bool = True) -> ColdStart:
    """A process of its own that assesses one photo.

    Args:
        compiled: use the cache of compiled networks, as every start but a machine's first does.
    """
    environment = dict(os.environ)
    if not compiled:
        environment["CRUMPLE_CACHE"] = ""
    start, before = time.perf_counter(), os.times()
    command = [sys.executable, "-c", PROGRAM, str(photo), str(model)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True)
    seconds, after = time.perf_counter() - start, os.times()
    if ended.returncode:
        raise CrumpleError(f"a process that should assess {photo.name} failed: {ended.stderr.strip()[-300:]}")
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return ColdStart(seconds, processor, int(ended.stdout.split()[-1]))
