"""The machine and the versions a figure was measured with: a figure without them says nothing."""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def describe(packages: Sequence[str]) -> str:
    """One line each on processor, load, and versions of Python and `packages`."""
    load = f", load average {os.getloadavg()[0]:.1f} before the run" if hasattr(os, "getloadavg") else ""
    versions = ", ".join(f"{name} {_version(name)}" for name in packages)
    return f"{_processor()}, {os.cpu_count()} cores{load}\nPython {platform.python_version()}, {versions}"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
