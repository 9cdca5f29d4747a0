"""Severity by a table of rules that a user can read and replace; every severity comes with its reason in words."""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from crumple.assessment.assessment import Place, Severity
from crumple.assessment.numbers import percent
from crumple.assessment.places import NOT_IDENTIFIED
from crumple.errors import DataError
from crumple.files import as_path
from crumple.invalid import first_complaint
from crumple.strict_yaml import read_yaml
from crumple.taxonomy import ELSEWHERE, title

BUILTIN_RULES = Path(__file__).with_name("severity.yaml")
# In the order of reports, from the last. What is unclear may be moderate or severe, and a person has to look.
SEVERITIES: tuple[Severity, ...] = ("minor", "unclear", "moderate", "severe")
WORST_FIRST = SEVERITIES[::-1]
Stated = Literal["minor", "moderate", "severe"]  # what a rule can say
_LIMITED: tuple[Stated, ...] = ("severe", "moderate")  # by sizes
# What to say in place of pydantic's own words, by its type of error.
_WORDS = {
    "missing": f"is missing; add it, as in {BUILTIN_RULES}",
    "extra_forbidden": f"is no field of the table; those there are stand in {BUILTIN_RULES}",
    "model_type": f"must hold 'field: value' lines, as in {BUILTIN_RULES}",
    "dict_type": f"must hold 'field: value' lines, as in {BUILTIN_RULES}",
}


def _percentage(value: Any) -> Any:
    if isinstance(value, str) and value.strip().endswith("%"):
        return float(value.strip()[:-1]) / 100
    raise ValueError(f"{value!r} is no percentage; write it like 5%")


Percentage = Annotated[float, BeforeValidator(_percentage), Field(gt=0, le=1)]


class Limits(BaseModel):
    """Shares from which a severity is reached; any one is enough."""

    model_config = ConfigDict(extra="forbid")

    part: Percentage | None = None
    vehicle: Percentage | None = None
    photo: Percentage | None = None


class Rule(BaseModel):
    """How one damage type is judged. See severity.yaml for what the fields mean."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field(min_length=1)
    at_least: Stated = "minor"
    because: str | None = None
    moderate: Limits = Limits()
    severe: Limits = Limits()
    elsewhere: str = NOT_IDENTIFIED
    hint: dict[Severity, str] = Field(default_factory=dict)

    @property
    def sized(self) -> bool:
        """Whether a size can make it worse."""
        return self.moderate != Limits() or self.severe != Limits()

    @model_validator(mode="after")
    def _consistent(self) -> "Rule":
        if self.at_least != "minor" and not self.because:
            raise ValueError(f"at_least: {self.at_least} needs a `because`, the reason in words")
        for kind in Limits.model_fields:
            moderate, severe = getattr(self.moderate, kind), getattr(self.severe, kind)
            if moderate is not None and severe is not None and moderate > severe:
                raise ValueError(f"moderate {kind} ({moderate:.0%}) is above severe {kind} ({severe:.0%})")
        return self


@dataclass(frozen=True)
class Judgement:
    """A severity with its reason in words, and what a repair usually takes."""

    severity: Severity
    reason: str
    hint: str | None


class Rules(BaseModel):
    """The rule table."""

    model_config = ConfigDict(extra="forbid")

    vehicle_needs_parts: int = Field(default=4, ge=1)
    damages: dict[str, Rule]
    other: Rule

    _source: str = PrivateAttr("severity rules")

    @classmethod
    def load(cls, path: str | os.PathLike[str] | None = None) -> "Rules":
        """Read a rule table; without a path, the one that ships. Raises DataError naming the file and the field."""
        path = BUILTIN_RULES if path is None else as_path(path, "rules must be the path of a YAML file", DataError)
        content = read_yaml(path)
        try:
            rules = cls.model_validate(content)
        except ValidationError as error:
            raise DataError(f"{path}: {first_complaint(error, _WORDS)}") from None
        rules._source = str(path)
        return rules

    def check_names(self, known: Collection[str]) -> None:
        """Raises DataError if a rule is for none of the `known` damage types: a misspelt rule would never be used."""
        if unknown := [name for name in self.damages if name not in known]:
            raise DataError(
                f"{self._source}: damages.{unknown[0]}: is no known damage type; known are {', '.join(sorted(known))}"
            )

    def rule(self, damage: str) -> Rule:
        """The rule for a damage type; an unlisted type gets `other`, in its own words."""
        return self.damages.get(damage) or self.other.model_copy(update={"words": title(damage)})

    def judge(
        self,
        damage: str,
        places: Sequence[Place],
        measured: float | None,
        vehicle_share: float | None,
        area_share: float,
        parts_outlined: int,
    ) -> Judgement:
        """How bad is a damage of this type and size?

        Args:
            damage: its type.
            places: where it is, the most probable place first; that one counts.
            measured: share of that place's part that it covers; None: there is nothing to measure it against.
            vehicle_share: share of all outlined parts, None if there are none.
            area_share: share of the photo.
            parts_outlined: how many parts have an outline.
        """
        rule = self.rule(damage)
        whole_vehicle = parts_outlined >= self.vehicle_needs_parts
        shares: dict[str, float] = {}
        if measured is not None:
            shares["part"] = measured
            if whole_vehicle and vehicle_share is not None:
                shares["vehicle"] = vehicle_share
        elif rule.moderate.photo or rule.severe.photo:  # a user's own rules may say so; ours do not
            shares["photo"] = area_share
        found = _by_size(rule, shares, title(places[0].label) if places else "")
        if found is None and rule.sized and not rule.because:
            return Judgement("unclear", _why_unclear(places, whole_vehicle), rule.hint.get("unclear"))
        severity, reason = found or ("minor", "the rules set no size from which it is worse")
        if rule.because and SEVERITIES.index(rule.at_least) >= SEVERITIES.index(severity):
            severity, reason = rule.at_least, rule.because
        return Judgement(severity, reason, rule.hint.get(severity))


def _why_unclear(places: Sequence[Place], whole_vehicle: bool) -> str:
    if not places:
        return "the panel could not be identified"
    if places[0].label in ELSEWHERE:
        return "there is no panel to measure it against"
    part = title(places[0].label)
    if whole_vehicle:
        return f"the outline of the {part} was not found"
    return f"the photo is too close to show how much of the {part} is affected"


def _by_size(rule: Rule, shares: dict[str, float], part: str) -> tuple[Stated, str] | None:
    """The severity that the shares (by kind of limit) reach, and why. None: the rule has no limit of these kinds."""
    compared = [
        (severity, kind, share, limit)
        for severity in _LIMITED
        for kind, share in shares.items()
        if (limit := getattr(getattr(rule, severity), kind)) is not None
    ]
    if not compared:
        return None
    reached = [entry for entry in compared if entry[2] >= entry[3]]
    # What it reaches decides; if it reaches nothing, the nearest step up says why it is minor.
    severity, kind, share, limit = reached[0] if reached else min(compared, key=lambda e: SEVERITIES.index(e[0]))
    whole = {"part": f"the {part}", "vehicle": "the visible vehicle", "photo": "the photo"}[kind]
    reason = f"covers {percent(share)} of {whole} ({severity} starts at {percent(limit)})"
    return (severity if reached else "minor"), reason
