"""What a batch assessment writes, and what an earlier run of it has written already.

    assess.json          what the assessments were made with; says that the folder is ours
    assessments/PART.*   finished photos, JSON lines or Parquet, one file for each part of the work
    sources/PART.json    size and time of the files that these photos were, by name; written before the part
    rejects.jsonl        photos that could not be assessed, with the reason
    summary.json         counts; written last: where it is, every photo was looked at

A photo that stands in a part is not assessed again, unless its file is another by now. Rejected ones are, every time.
"""

import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, Literal

from crumple.assessment.assessment import Assessment
from crumple.assessment.writers import COLUMNS, finding_rows
from crumple.beam import store
from crumple.errors import DataError

Format = Literal["jsonl", "parquet"]
ABOUT, PARTS, SOURCES = "assess.json", "assessments", "sources"
REJECTS, SUMMARY = "rejects.jsonl", "summary.json"
TABLE = "crumple-assessments-2"  # the columns of a Parquet file
READERS = 16  # parts of an earlier run that are read at a time

_TEXTS = {
    "finding",
    "damage",
    "title",
    "likelihood",
    "threshold",
    "severity",
    "parts",
    "where",
    "reason",
    "hint",
    "text",
}


@dataclass(frozen=True)
class Part:
    """Photos whose assessments become one file. stamps: of each (`crumple.beam.store.stamps`) by its path below the
    source folder."""

    stamps: dict[str, str]

    @property
    def id(self) -> str:
        """The same photos make the same file: a worker that starts over replaces what it had written."""
        return hashlib.sha256(json.dumps(self.stamps).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Assessed:
    """A photo's row: see `parquet_schema`. "assessment" is the whole of it as JSON."""

    row: dict[str, Any]


@dataclass(frozen=True)
class Rejected:
    """A photo that could not be assessed. reason: "unreadable", or "failed" for what nobody foresaw."""

    name: str
    reason: str
    message: str


Outcome = Assessed | Rejected


@dataclass(frozen=True)
class Results:
    """The output folder (path or URL) with its format."""

    folder: str
    format: Format

    def claim(self, about: dict[str, Any]) -> None:
        """Say what the assessments here are made with. Raises DataError if there are some of another kind, or files of
        somebody else."""
        path = store.join(self.folder, ABOUT)
        table = {"table": TABLE} if self.format == "parquet" else {}
        wanted = json.loads(json.dumps(about | {"format": self.format} | table))
        if store.exists(path):
            found = _read_json(path)
            for name in sorted(wanted):
                if found.get(name) != wanted[name]:
                    raise DataError(
                        f"{self.folder}: its assessments were made with another {name} ({_brief(found.get(name))}, now "
                        f"{_brief(wanted[name])}); give another --out"
                    )
            store.delete([store.join(self.folder, SUMMARY)])
            return
        stranger = min(store.list_names(self.folder), default=None)
        if stranger:
            raise DataError(f"{self.folder}: holds {stranger}, which is no assessment; give --out a folder of its own")
        store.write(path, json.dumps(wanted, indent=2).encode() + b"\n")

    def done(self, stamps: Mapping[str, str]) -> set[str]:
        """Names of the photos that are assessed. What was assessed of a file that is another by now is dropped.

        Args:
            stamps: of the photos as they are now, by name. One that is gone keeps its assessment.
        """
        parts = [name.removesuffix(f".{self.format}") for name in store.list_names(store.join(self.folder, PARTS))]
        noted = set(store.list_names(store.join(self.folder, SOURCES)))
        with ThreadPoolExecutor(READERS) as readers:
            valid = readers.map(lambda part: self._valid(part, stamps, f"{part}.json" in noted), parts)
            return {name for names in valid for name in names}

    def _valid(self, part: str, stamps: Mapping[str, str], noted: bool) -> Iterable[str]:
        """Names of a part whose files are still the same; the others go from it."""
        before = _read_json(self._source(part)) if noted else {}
        valid = {name: stamp for name, stamp in before.items() if stamps.get(name, stamp) == stamp}
        if not valid:
            store.delete([self._part(part), self._source(part)])
        elif valid != before:
            with store.open_file(self._part(part)) as file:
                rows = read_rows(file.read(), self.format)
            # The part comes first: should this be killed in between, the next run finds the same work to do.
            _write(self._part(part), self._encoded([row for row in rows if row["photo"] in valid]))
            _write(self._source(part), json.dumps(valid).encode())
        return valid

    def write_part(self, part: Part, rows: Sequence[dict[str, Any]]) -> None:
        """Write the rows of the photos of a part that were assessed."""
        if rows:
            stamps = {row["photo"]: part.stamps[row["photo"]] for row in rows}
            _write(self._source(part.id), json.dumps(stamps).encode())
            _write(self._part(part.id), self._encoded(rows))

    def _part(self, part: str) -> str:
        return store.join(self.folder, f"{PARTS}/{part}.{self.format}")

    def _source(self, part: str) -> str:
        return store.join(self.folder, f"{SOURCES}/{part}.json")

    def _encoded(self, rows: Sequence[dict[str, Any]]) -> bytes:
        return parquet(rows) if self.format == "parquet" else jsonl(rows)

    def finish(self, rejected: Iterable[Rejected], assessed: int, before: int) -> None:
        """When all parts are there. assessed: photos of this run; before: those that were done already."""
        rejected = sorted(rejected, key=lambda one: one.name)
        lines = (json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in rejected)
        store.write(store.join(self.folder, REJECTS), "".join(lines).encode())
        counts = {"assessed": assessed, "before": before, "rejected": len(rejected)}
        store.write(store.join(self.folder, SUMMARY), json.dumps(counts, indent=2).encode() + b"\n")

    def summary(self) -> dict[str, int]:
        """The counts that `finish` wrote."""
        return _read_json(store.join(self.folder, SUMMARY))  # type: ignore[no-any-return]


def to_row(assessment: Assessment) -> dict[str, Any]:
    """An assessment as a row: what one would sort and filter by, its findings, and the whole as JSON."""
    photo = assessment.photo
    return {
        "photo": photo.name,
        "sha256": photo.sha256,
        "width": photo.width,
        "height": photo.height,
        "severity": assessment.findings[0].severity if assessment.findings else None,  # the most severe is the first
        "findings": [{key: value for key, value in row.items() if key != "photo"} for row in finding_rows(assessment)],
        "warnings": [check.name for check in assessment.warnings],
        "assessment": assessment.model_dump_json(),
    }


def jsonl(rows: Iterable[dict[str, Any]]) -> bytes:
    """One assessment a line, as `crumple assess` writes them."""
    return "".join(row["assessment"] + "\n" for row in rows).encode()


def parquet(rows: Sequence[dict[str, Any]]) -> bytes:
    """The rows as a Parquet file."""
    import pyarrow
    from pyarrow.parquet import write_table

    data = io.BytesIO()
    write_table(pyarrow.Table.from_pylist(list(rows), schema=parquet_schema()), data, compression="zstd")
    return data.getvalue()


def parquet_schema() -> Any:
    """The columns of a row, as docs/assess.md lists them; a finding has the columns of findings.csv."""
    import pyarrow as pa

    finding = pa.struct([(name, pa.string() if name in _TEXTS else pa.float64()) for name in COLUMNS[1:]])
    return pa.schema(
        [
            ("photo", pa.string()),
            ("sha256", pa.string()),
            ("width", pa.int32()),
            ("height", pa.int32()),
            ("severity", pa.string()),
            ("findings", pa.list_(finding)),
            ("warnings", pa.list_(pa.string())),
            ("assessment", pa.string()),
        ],
        metadata={"crumple": TABLE},
    )


def read_rows(data: bytes, format: Format) -> list[dict[str, Any]]:
    """A part's rows: what `parquet` wrote, or "photo" and "assessment" of what `jsonl` wrote."""
    if format == "jsonl":
        lines = data.decode().split("\n")[:-1]  # a name may hold what splitlines takes for an end
        return [{"photo": json.loads(line)["photo"]["name"], "assessment": line} for line in lines]
    from pyarrow.parquet import read_table

    return read_table(io.BytesIO(data)).to_pylist()  # type: ignore[no-any-return]


def _write(path: str, data: bytes) -> None:
    store.delete_unfinished(path)
    store.write(path, data)


def _read_json(path: str) -> Any:
    with store.open_file(path) as file:
        try:
            return json.loads(file.read())
        except ValueError:
            raise DataError(f"{path}: is no JSON; delete the folder, or give another --out") from None


def _brief(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
