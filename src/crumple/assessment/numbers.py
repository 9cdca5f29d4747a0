"""Numbers in the words of a report."""


def percent(share: float) -> str:
    """A share in words: "12 %", "2.5 %" below ten, "under 0.1 %"."""
    if share < 0.001:
        return "under 0.1 %"
    return f"{share * 100:.0f} %" if share >= 0.0995 else f"{share * 100:.1f}".removesuffix(".0") + " %"


def counted(number: int, noun: str) -> str:
    """ "1 photo", "2 photos" """
    return f"{number} {noun}{'' if number == 1 else 's'}"
