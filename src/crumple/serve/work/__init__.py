"""What the service does, for a request that waits or by itself in threads that run as long as it does."""
