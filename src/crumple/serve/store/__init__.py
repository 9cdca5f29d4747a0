"""What the service keeps: rows in SQLite or PostgreSQL, photos in a folder or bucket."""
