"""Prepare: what is measured on every photo that comes in, before anybody labels it or a model sees it."""
