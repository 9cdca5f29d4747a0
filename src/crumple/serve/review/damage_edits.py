"""From an edit of damages to its events: which damages it means, and whether it can be."""

from collections.abc import Callable, Iterable, Sequence

from crumple.serve.contract.damages import DAMAGE_NEEDS, DamageEdit
from crumple.serve.contract.events import Event
from crumple.serve.contract.problems import ProblemError
from crumple.serve.review.damages import Told, observed
from crumple.serve.review.findings import undone
from crumple.serve.review.grouping import Name, name_of

_SHAPES = ("merge", "split")


def damage_events(now: Told, history: Sequence[Event], edit: DamageEdit, make: Callable[..., Event]) -> list[Event]:
    """The events of an edit. Raises ProblemError: 404, 409, 422.

    Args:
        now: the inspection as it is. history: all of its events, in order.
        make: makes an event of an inspection from its further fields.
    """
    by = {"kind": edit.kind, "author": edit.author, "text": edit.text}
    if edit.kind == "undo":
        return _undoing(history, edit.undoes or [], by, make)
    if edit.kind == "split":
        return [_splitting(now, [name_of(one) for one in edit.observations or []], by, make)]
    damages = _damages(now, edit)
    if edit.kind == "merge":
        if len(damages) < 2:
            raise ProblemError(422, "are one damage already; merge needs two", field=_field(edit))
        return [make(**by, observations=observed(name for id in damages for name in now.members(id)))]
    said = {name: getattr(edit, name) for name in DAMAGE_NEEDS[edit.kind]}
    if edit.duplicate_of is not None:
        if edit.duplicate_of not in now.damage_of.values():
            raise ProblemError(404, f"the inspection has no {edit.duplicate_of}", field="duplicate_of")
        if edit.duplicate_of in damages:
            raise ProblemError(422, "a damage is no duplicate of itself", field="duplicate_of")
        said["duplicate_of"] = observed(now.members(edit.duplicate_of))
    return [make(**by, **said, observations=observed(now.members(id))) for id in damages]


def with_states(events: Sequence[Event], before: Told, after: Told) -> list[Event]:
    """The events with the damages that they were about, before and after all of them."""
    found = []
    for event in events:
        if event.observations is not None:
            names = [name_of(one) for one in [*event.observations, *(event.rest or [])]]
            states = {"damages_before": before.damages(names), "damages_after": after.damages(names)}
            event = event.model_copy(update=states)
        found.append(event)
    return found


def _damages(now: Told, edit: DamageEdit) -> list[str]:
    """Ids of the damages that an edit means, each once."""
    if edit.damages is not None:
        known = set(now.damage_of.values())
        for i, id in enumerate(edit.damages):
            if id not in known:
                raise ProblemError(404, f"the inspection has no {id}", field=f"damages.{i}")
        return list(dict.fromkeys(edit.damages))
    names = [name_of(one) for one in edit.observations or []]
    _check_known(now, names)
    return list(dict.fromkeys(now.damage_of[name] for name in names))


def _check_known(now: Told, names: Iterable[Name]) -> None:
    for i, name in enumerate(names):
        if name not in now.damage_of:
            raise ProblemError(404, f"the photo {name[0]} has no finding {name[1]}", field=f"observations.{i}")


def _field(edit: DamageEdit) -> str:
    return "damages" if edit.damages is not None else "observations"


def _splitting(now: Told, names: Sequence[Name], by: dict[str, str | None], make: Callable[..., Event]) -> Event:
    _check_known(now, names)
    damages = {now.damage_of[name] for name in names}
    if len(damages) > 1:
        raise ProblemError(422, "are of several damages; split one at a time", field="observations")
    rest = [name for name in now.members(damages.pop()) if name not in names]
    if not rest:
        raise ProblemError(422, "are all of their damage; nothing would be left of it", field="observations")
    return make(**by, observations=observed(dict.fromkeys(names)), rest=observed(rest))


def _undoing(
    history: Sequence[Event], ids: Sequence[str], by: dict[str, str | None], make: Callable[..., Event]
) -> list[Event]:
    """From the last to the first, so that what builds on another is undone before it."""
    events = {event.id: event for event in history}
    targets = []
    for i, id in enumerate(dict.fromkeys(ids)):
        target = events.get(id)
        if target is None:
            raise ProblemError(404, f"the inspection has no event {id}", field=f"undoes.{i}")
        if target.observations is None:
            where = f"undo it at its image, {target.image_id}" if target.image_id else "it cannot be undone"
            raise ProblemError(422, f"{id} is no event of damages; {where}", field=f"undoes.{i}")
        targets.append(target)
    made: list[Event] = []
    for target in sorted(targets, key=lambda event: -event.number):
        so_far = [*history, *made]
        taken_back = undone(so_far)
        if target.id in taken_back:
            raise ProblemError(409, f"{target.id} is undone already", field="undoes")
        first = _first(target, events)
        if first.kind in _SHAPES and any(_builds_on(one, first) for one in so_far if one.id not in taken_back):
            raise ProblemError(409, f"later edits build on {target.id}; undo those first", field="undoes")
        made.append(make(**by, undoes=target.id, observations=target.observations, rest=target.rest))
    return made


def _first(event: Event, events: dict[str, Event]) -> Event:
    """What an undo, or an undo of an undo, comes down to."""
    while event.kind == "undo":
        event = events[str(event.undoes)]
    return event


def _builds_on(later: Event, event: Event) -> bool:
    """Whether a merge or split took damages as this one had left them."""
    if later.kind not in _SHAPES or later.number <= event.number:
        return False
    mine = {name_of(one) for one in [*(event.observations or []), *(event.rest or [])]}
    return any(name_of(one) in mine for one in [*(later.observations or []), *(later.rest or [])])
