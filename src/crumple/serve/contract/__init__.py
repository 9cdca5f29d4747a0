"""What goes over the wire: the models of the HTTP contract, a file for each resource. docs/api.md shows them in use.

Names are those of the field's public inspection SDKs: inspection, image, view, part, damage, severity. Times are UTC,
ISO 8601. Polygons are COCO's: x1 y1 x2 y2 ... in pixels of the upright photo.
"""
