"""What crumple takes on this machine: time by stage, cold start, memory, photos a second with several processes."""
