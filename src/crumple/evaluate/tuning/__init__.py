"""Tuning: thresholds, calibrations of places and the second opinion, chosen and fitted on labelled photos."""
