"""From a photo to an assessment: which part, which damage, how bad, why. Runs without TensorFlow or Keras."""
