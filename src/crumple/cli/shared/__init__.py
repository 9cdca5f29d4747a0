"""What several commands share: their options, where they write, and what Ctrl-C does."""
