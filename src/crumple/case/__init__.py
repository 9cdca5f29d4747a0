"""The case: one vehicle on many photos, as one list of damages and of panels.

Plain functions on assessments and pixels: no HTTP, no database, no page. Nothing here needs TensorFlow.
"""
