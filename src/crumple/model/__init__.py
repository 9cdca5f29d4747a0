"""Mask R-CNN in Keras 3: one trunk, one branch per label space (docs/model.md). Knows no files but its checkpoint."""

import os

# Read by TensorFlow when it is imported, which everything here does later. Its faster kernels are off by default on
# processors without VNNI, where they are faster all the same; and its start-up chatter is nobody's business.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
