"""Sample photos that may be shipped, and painted damage with known masks. Wherever a painted photo is shown, say so."""
