"""What commands show as tables in the terminal."""
