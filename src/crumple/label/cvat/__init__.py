"""The round trip with a CVAT server: photos and drafts there, reviewed labels back."""
