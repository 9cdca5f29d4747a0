"""What can go wrong, in one line each: what, where, and what to do about it."""


class CrumpleError(Exception):
    """Base of every error that is the input's fault, not the program's. The command line prints it as one line."""


class PhotoError(CrumpleError):
    """A photo that cannot be read, or that is refused before it is read."""


class UnknownFormatError(PhotoError):
    """A file that is no photo in a format that is read here."""


class TooManyPixelsError(PhotoError):
    """A photo with more pixels than are decoded."""


class DataError(CrumpleError):
    """Annotations, label maps or data files that do not say what they must."""


class ModelError(CrumpleError):
    """A model folder, checkpoint or recipe that cannot be used."""


class MissingExtraError(CrumpleError):
    """A command needs a package that the core does not install."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed: pip install 'crumple[{extra}]'")
