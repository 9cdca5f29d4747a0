"""What pydantic found wrong with a file, in one line for the person who wrote it."""

from collections.abc import Mapping

from pydantic import ValidationError

_SPELLING = "is not known; check its spelling"
_FIELDS = "must hold 'field: value' lines"
# Where pydantic's own words, by its type of error, do not say what to do.
_WORDS = {
    "missing": "is missing; add it",
    "extra_forbidden": _SPELLING,
    "unexpected_keyword_argument": _SPELLING,
    "dict_type": _FIELDS,
    "model_type": _FIELDS,
    "dataclass_type": _FIELDS,
}


def first_complaint(error: ValidationError, words: Mapping[str, str] = _WORDS) -> str:
    """The field and what is wrong with it, as "optimisation.lr: is not known; check its spelling (and 1 more)".

    Args:
        words: by pydantic's type of error, what to say in place of pydantic's message.
    """
    # A misspelt field is often also a missing one: the misspelling is what to look for.
    unknown = ("extra_forbidden", "unexpected_keyword_argument")
    first = min(error.errors(), key=lambda one: one["type"] not in unknown)
    where = ".".join(str(key) for key in first["loc"])
    message = words.get(first["type"]) or first["msg"].removeprefix("Value error, ")
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{where + ': ' if where else ''}{message}{more}"
