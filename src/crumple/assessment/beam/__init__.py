"""Batch assessment of a folder or bucket as an Apache Beam pipeline. Needs the extra `beam`."""
