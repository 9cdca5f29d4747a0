"""All that is wrong with one label file, told in one error."""

from pathlib import Path

from crumple.errors import DataError

SHOWN = 20


def complained(where: str, field: str | None, what: str) -> str:
    """One complaint as a line. where: the entry ("annotation 17"); field: the name inside it, None for the whole."""
    return f"{where}, field {field}: {what}" if field else f"{where}: {what}"


class Complaints:
    """Collects what is wrong with a file, so that a person can mend it in one go."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: list[str] = []
        self.advice = ""  # another way out than to mend what is wrong

    def add(self, where: str, field: str | None, what: str) -> None:
        """Note one complaint; arguments as those of `complained`."""
        self._lines.append(complained(where, field, what))

    def raise_if_any(self) -> None:
        """Raise one DataError: a single complaint in one line, several as a headline and up to SHOWN lines below it."""
        if not self._lines:
            return
        if len(self._lines) == 1:
            raise DataError("; ".join(filter(None, (f"{self._path}: {self._lines[0]}", self.advice))))
        what = " or ".join(filter(None, ("mend them", self.advice)))
        lines = [f"{self._path}: {len(self._lines)} problems; {what}; nothing was read:"]
        lines += [f"  {self._path.name}: {line}" for line in self._lines[:SHOWN]]
        if len(self._lines) > SHOWN:
            lines.append(f"  ... and {len(self._lines) - SHOWN} more")
        raise DataError("\n".join(lines))
