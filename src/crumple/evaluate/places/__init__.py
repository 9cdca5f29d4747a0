"""The measures of place: do findings say where on the vehicle the damage is? Photo by photo, then set by set."""
