"""Labels: the CVAT round trip with the model doing the first draft, labels of other tools, and their quality."""
