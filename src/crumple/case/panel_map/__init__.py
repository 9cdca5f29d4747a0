"""The panel map: a vehicle from above with its four sides folded out, one closed path per panel.

shapes.py      the geometry, as data
states.py      what the map says of a panel, and in which words
svg.py         the map as an SVG fragment, for pages
panel_map.css  its looks, on screens light and dark and on paper
"""
