"""From a photo to an assessment: which part, which damage, how bad, why. Runs without TensorFlow or Keras.

The function is `crumple.assess`, and the command `crumple assess`; a folder of that name would hide the function.
"""
