"""A deployment's endpoint: made, changed, asked, looked at, planned."""
