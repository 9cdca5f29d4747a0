"""What became of the photos of a run."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """How many photos: collected now, found: of these, already in the folder without a line in the manifest; present:
    there before; refused: not under a wanted licence; too_large: in no size that fits; gone: deleted between search and
    download; failed: not fetched for another reason; checked: asked for at the source, whether they are still public;
    removed: deleted here because they were not.
    """

    collected: int = 0
    found: int = 0
    present: int = 0
    refused: int = 0
    too_large: int = 0
    gone: int = 0
    failed: int = 0
    checked: int = 0
    removed: int = 0
    licenses: Counter[str] = field(default_factory=Counter)

    @property
    def held(self) -> int:
        """Photos of the query that are in the folder."""
        return self.collected + self.present
