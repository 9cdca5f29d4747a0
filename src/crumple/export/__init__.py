"""From a training checkpoint to files that run without Keras, checked equal before they are written."""
