"""The released model: `crumple-lite0/` for the runtime, `crumple-lite0/checkpoint/` to train on from (docs/model-card.md)."""

from pathlib import Path

RELEASED = Path(__file__).parent / "crumple-lite0"
CHECKPOINT = RELEASED / "checkpoint"
