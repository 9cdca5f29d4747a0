"""What people make of what the model found: events in, findings as they stand out."""
