"""Beam: what every pipeline shares. Its runner and progress, the files it reads and writes, the list of photos."""
