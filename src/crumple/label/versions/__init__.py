"""Versions: folders of labelled photos that are written once, and what tells one from another."""
