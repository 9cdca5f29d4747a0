"""What joining goes by: evidence of pairs of findings, and how groups grow from it.

alignment.py   one photo laid onto another, as a whole or round a damage
landing.py     where the outline of a damage lies on the other photo
frames.py      its place in the frame of its part, its shape
pairs.py       all evidence of a pair, by glance and by look
context.py     what the other pairs of the case say of it
clusters.py    from pairs to groups
weights.py     the coefficients
vehicles.py    photos that seem to show another vehicle than the rest
"""
