"""The coefficients of joining, from joining.json, which `benchmarks/joining.py --fit` writes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from crumple.case.matching.context import CONTEXT, Floats
from crumple.case.matching.pairs import EVIDENCE, GLANCE

FILE = Path(__file__).parent / "joining.json"


@dataclass(frozen=True, eq=False)
class Weights:
    """Of three logistic curves, each an offset and then one coefficient for each column.

    glance: of what is told without pixels. look: of all evidence of a pair. context: of what the other pairs say.
    look_from: the probability by glance from which pixels are looked at. join_from: the mean probability (as the mean
    of logits) from which two groups become one damage. maybe_from: from which they are told as perhaps the same.
    """

    glance: Floats
    look: Floats
    context: Floats
    look_from: float
    join_from: float
    maybe_from: float

    @classmethod
    def of(cls, content: Mapping[str, object]) -> "Weights":
        """From the content of the file, which names every column."""
        return cls(
            glance=_curve(content["glance"], GLANCE),
            look=_curve(content["look"], EVIDENCE),
            context=_curve(content["context"], CONTEXT),
            **{name: float(str(content[name])) for name in ("look_from", "join_from", "maybe_from")},
        )


def _curve(named: object, columns: Sequence[str]) -> Floats:
    assert isinstance(named, Mapping)
    return np.array([named[name] for name in ("offset", *columns)], np.float64)


def value(curve: Floats, columns: Floats) -> Floats:
    """(K,) logits of rows (K, F)."""
    return np.asarray(curve[0] + columns @ curve[1:], np.float64)


@cache
def shipped() -> Weights:
    """Those of the file that ships."""
    return Weights.of(json.loads(FILE.read_text(encoding="utf-8")))
