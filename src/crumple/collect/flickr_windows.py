"""A query's share of Flickr: a span of upload dates and some licences, which can be divided when it holds too much."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Window:
    """since, until: upload dates in Unix seconds, both inclusive. licenses: Flickr's numbers."""

    since: int
    until: int
    licenses: tuple[int, ...]

    @property
    def divisible(self) -> bool:
        return self.until > self.since or len(self.licenses) > 1

    def divided(self) -> "list[Window]":
        """Smaller windows that hold the same, the newest last: halves of the time; of one second, single licences."""
        if self.until > self.since:
            middle = (self.since + self.until) // 2
            return [replace(self, until=middle), replace(self, since=middle + 1)]
        return [replace(self, licenses=(number,)) for number in self.licenses]
