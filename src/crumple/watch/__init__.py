"""Video and cameras: findings followed from frame to frame, one number per physical damage, and their best frames."""
