"""crumple: photos of vehicles in, an itemised damage report out."""

__version__ = "0.1.0"
