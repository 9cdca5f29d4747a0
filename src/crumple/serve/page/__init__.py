"""The page: its files, its words, and the printable report."""
