"""The released model: exported for the runtime, and as the checkpoint to train on from (docs/model-card.md)."""

from pathlib import Path

RELEASED = Path(__file__).parent / "crumple-lite0"
CHECKPOINT = RELEASED / "checkpoint"
