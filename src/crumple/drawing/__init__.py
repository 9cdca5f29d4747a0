"""Drawing on photos: shapes, labels and where labels go; shared by whoever shows a photo."""
