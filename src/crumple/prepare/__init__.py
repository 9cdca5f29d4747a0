"""Prepare: collected photos in, a clean photo set without duplicates out, split without leaks."""
