"""From a photo to detections and masks, without TensorFlow: what evaluation, assessment and serving share."""
