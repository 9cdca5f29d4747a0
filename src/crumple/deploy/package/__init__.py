"""model.tar.gz: made, uploaded, registered."""
