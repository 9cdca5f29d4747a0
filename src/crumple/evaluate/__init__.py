"""How good a model is on labelled photos. `evaluation` (one model) and `comparison` (two) are the way in.

What they need lies in rooms. Data flows one way: each room, and each file below them, imports only from those above it.

* `judged`: what is judged: the truth of a photo, what a model or another system found, how an assessment reads it.
* `measures`: the figures, such as average precision, the operating point and calibration, and their intervals.
* `places`: the figures about where damage is: parts named right, damaged panels, parts seen.
* `tuning`: what `--set-thresholds` chooses and fits on labelled photos.
* `subject`: a model with all of these; then `evaluation`, `comparison`, `metrics` (metrics.json) and `in_training`.
* `report`: an evaluation in words, plots and pages.
"""
