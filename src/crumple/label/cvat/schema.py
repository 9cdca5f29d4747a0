"""The taxonomy as CVAT's labels: names, colours and attributes, and what another project has different.

Every label has type "any", so that it takes polygons, masks and rectangles alike. CVAT's numbers are whole, so scores
stand there as percent; 0 means drawn by hand.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from crumple.colours import css, damage_colour, part_colour
from crumple.taxonomy import DAMAGES, PARTS

OCCLUDED, TRUNCATED, SEVERITY, SCORE = "occluded", "truncated", "severity", "score"
UNKNOWN = "unknown"
SEVERITIES = (UNKNOWN, "minor", "moderate", "severe")
# CVAT keeps the values of a checkbox as it was told them; it says itself that a number has least, most, step.
_CHECKBOX: dict[str, Any] = {"input_type": "checkbox", "values": ["false"], "default_value": "false"}
_ATTRIBUTES: dict[str, dict[str, Any]] = {
    OCCLUDED: _CHECKBOX,
    TRUNCATED: _CHECKBOX,
    SCORE: {"input_type": "number", "values": ["0", "100", "1"], "default_value": "0"},
    SEVERITY: {"input_type": "select", "values": list(SEVERITIES), "default_value": UNKNOWN},
}
ATTRIBUTES = {
    **dict.fromkeys(PARTS, (OCCLUDED, TRUNCATED, SCORE)),
    **dict.fromkeys(DAMAGES, (SEVERITY, OCCLUDED, TRUNCATED, SCORE)),
}


def labels() -> list[dict[str, Any]]:
    """Our labels as CVAT's API takes them, parts first."""
    return [
        {
            "name": name,
            "color": css(damage_colour(name) if name in DAMAGES else part_colour(name)),
            "type": "any",
            "attributes": [{"name": key, "mutable": False, **_ATTRIBUTES[key]} for key in attributes],
        }
        for name, attributes in ATTRIBUTES.items()
    ]


def differences(theirs: Iterable[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """What the labels of a project have different from ours: what stands in the way, and what does not.

    A project may lack some of our labels: it was made before a part had a name, or for damage alone.

    Args:
        theirs: labels as CVAT's API gives them.
    """
    by_name = {label["name"]: label for label in theirs}
    wrong, harmless, missing = [], [], []
    for ours in labels():
        name, label = ours["name"], by_name.pop(ours["name"], None)
        if label is None:
            missing.append(name)
            continue
        if label.get("type", "any") != "any":
            wrong.append(f"label {name} takes only {label['type']} shapes, not any")
        if label.get("color", "").lower() != ours["color"]:
            harmless.append(f"label {name} has the colour {label.get('color')}, ours is {ours['color']}")
        present = {attribute["name"]: attribute for attribute in label.get("attributes", [])}
        for attribute in ours["attributes"]:
            wrong += _attribute_difference(name, attribute, present.get(attribute["name"]))
    if len(missing) == len(ATTRIBUTES):
        wrong.append("none of our labels is there")
    elif missing:
        if len(missing) == 1:
            harmless.append(f"label {missing[0]} is missing; drafts leave it out")
        else:
            harmless.append(f"labels {', '.join(missing)} are missing; drafts leave them out")
    harmless += [f"label {name} is not one of ours; its shapes are left out of pulls" for name in by_name]
    return wrong, harmless


def _attribute_difference(label: str, ours: Mapping[str, Any], theirs: Mapping[str, Any] | None) -> list[str]:
    what = f"label {label}, attribute {ours['name']}"
    if theirs is None:
        return [f"{what} is missing"]
    if theirs["input_type"] != ours["input_type"]:
        return [f"{what} is a {theirs['input_type']}, not a {ours['input_type']}"]
    if ours["input_type"] != "checkbox" and list(theirs["values"]) != ours["values"]:
        return [f"{what} has the values {', '.join(theirs['values'])}, not {', '.join(ours['values'])}"]
    return []


def attribute_ids(label: Mapping[str, Any]) -> dict[str, int]:
    """The ids of a label's attributes on its server, by name."""
    return {attribute["name"]: attribute["id"] for attribute in label.get("attributes", [])}


def to_values(attributes: Mapping[str, Any], ids: Mapping[str, int]) -> list[dict[str, Any]]:
    """Our attributes (score from 0 to 1) as CVAT's values; those that the label does not have are left out."""
    values = {}
    for name, value in attributes.items():
        if name == SCORE:
            values[name] = str(round(100 * value))
        else:
            values[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return [{"spec_id": ids[name], "value": value} for name, value in values.items() if name in ids]


def from_values(values: Iterable[Mapping[str, Any]], names: Mapping[int, str]) -> dict[str, Any]:
    """The inverse: severity that nobody chose and the score of what was drawn by hand are left out."""
    attributes: dict[str, Any] = {}
    for entry in values:
        name, value = names.get(entry["spec_id"]), entry["value"]
        if name in (OCCLUDED, TRUNCATED):
            attributes[name] = str(value).lower() == "true"
        elif name == SEVERITY and value in SEVERITIES and value != UNKNOWN:
            attributes[name] = value
        elif name == SCORE and str(value).isdigit() and int(value):
            attributes[name] = int(value) / 100
    return attributes
