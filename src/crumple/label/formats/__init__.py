"""Labels as other tools write them: read into photos and objects, and written again."""
