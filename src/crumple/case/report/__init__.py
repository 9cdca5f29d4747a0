"""What a person reads of a case: the report as a page and as a PDF, and the index of many vehicles.

content.py     what both reports show, in their order
wording.py     the same words in both
pictures.py    photos, overlays and cut-outs as files
html.py        the page
index.py       the page over many vehicles
"""
