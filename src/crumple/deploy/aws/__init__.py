"""AWS itself: its door, S3, logs, waiting, and taking back what was made."""
