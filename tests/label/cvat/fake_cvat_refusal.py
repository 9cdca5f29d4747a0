"""What the fake CVAT server answers instead of what was asked for."""


class Refusal(Exception):
    """An answer that is no success."""

    def __init__(self, status, content=None):
        super().__init__(status, content)
        self.status = status
        self.content = content
