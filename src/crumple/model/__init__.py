"""Mask R-CNN in Keras 3: one trunk, one branch per label space (docs/model.md). Knows no files but its checkpoint."""
