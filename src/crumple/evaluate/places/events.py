"""Events: things that happen on photos (a damage that is met, a panel that is named), each with whether it went well.

N photos, E events, S resamples. A figure is the share of hits among some of the events; its interval comes from drawing
photos anew with all of their events.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crumple.evaluate.measures.bootstrap import Share, ratio, share


@dataclass(frozen=True, eq=False)
class Events:
    """E events on N photos. photo: (E,) int, on which. fields: name -> (E,), what is known of each."""

    photos: int
    photo: np.ndarray
    fields: dict[str, np.ndarray]

    @classmethod
    def of(cls, photos: int, rows: Sequence[tuple[int, Mapping[str, object]]], **types: type) -> "Events":
        """From (photo, fields) rows. types: of the fields, by name."""
        fields: dict[str, np.ndarray] = {
            name: np.array([row[name] for _, row in rows], dtype=kind) for name, kind in types.items()
        }
        return cls(photos, np.array([at for at, _ in rows], int), fields)

    def __getitem__(self, name: str) -> np.ndarray:
        return self.fields[name]

    def __len__(self) -> int:
        return len(self.photo)

    def where(self, chosen: np.ndarray) -> "Events":
        """Those that are chosen, (E,) bool."""
        return Events(self.photos, self.photo[chosen], {name: values[chosen] for name, values in self.fields.items()})

    def per_photo(self, hit: np.ndarray | None = None) -> np.ndarray:
        """(N,) how many of each photo's events are hits, (E,) bool; None: how many there are."""
        return np.bincount(self.photo if hit is None else self.photo[hit], minlength=self.photos)

    def share(self, hit: np.ndarray, weights: np.ndarray) -> Share:
        """The share of hits, with its interval over (S, N) `weights`."""
        return share(self.per_photo(hit), self.per_photo(), weights)

    def samples(self, hit: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """(S,) the share of hits on every resample, NaN without events."""
        return ratio(weights @ self.per_photo(hit), weights @ self.per_photo())
