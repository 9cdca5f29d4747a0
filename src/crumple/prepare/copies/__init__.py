"""Copies: which photos show the same picture, by hashes and landmarks."""
