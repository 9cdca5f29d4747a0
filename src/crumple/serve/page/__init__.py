"""The page: its files, its words, and what the printable report says of an inspection."""
