"""How long work tells how far it is."""


class Reporter:
    """Says nothing; the command line has one that shows bars. what: such as "photos uploaded"."""

    def say(self, line: str) -> None:
        """Something that a person should know, and that does not end the work."""

    def begin(self, what: str, total: int) -> None:
        """A piece of work of `total` steps begins."""

    def advance(self, what: str, steps: int = 1) -> None:
        """So many more steps of it are done."""
