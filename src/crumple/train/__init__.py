"""Training: a recipe in, checkpoints out (docs/train.md)."""
