// The dialog with what people say of the inspection: reference, vehicle, kind, times, place, mileage.

import { dialogButtons, show } from "../shared/dialogs.js";
import { h } from "../shared/dom.js";

export const KINDS = { claim: "claim", pickup: "pick-up", return: "return", transport: "transport", other: "other kind" };

const FIELDS = [
  ["reference", "Reference"],
  ["plate", "Plate"],
  ["vin", "VIN"],
  ["make", "Make"],
  ["model", "Model"],
  ["place", "Place"],
];
const OTHERS = { mileage: "Mileage, km", kind: "Photos taken for", taken_from: "First photo taken", taken_until: "Last photo taken" };
const OF_VEHICLE = new Set(["plate", "vin", "make", "model"]);

/** Ask for them; the fields that were changed, as PATCH takes them, or null. `problem`: why the last answer was refused. */
export async function askParticulars(inspection, typed = {}, problem = "") {
  const was = { ...inspection.vehicle, ...inspection, taken_from: local(inspection.taken_from), taken_until: local(inspection.taken_until) };
  const value = (name) => typed[name] ?? was[name] ?? "";
  const fields = {};
  const field = (name, words, properties = {}) =>
    h("label", {}, words, (fields[name] = h("input", { name, maxlength: 200, autocomplete: "off", value: value(name), ...properties })));
  const kind = h("select", { name: "kind" }, h("option", { value: "" }, "not said"), Object.entries(KINDS).map(([name, words]) => h("option", { value: name, selected: name === value("kind") }, words)));
  fields.kind = kind;
  const answer = await show(
    "Vehicle and inspection",
    { wide: true },
    problem && h("p.problem", { role: "alert" }, problem),
    h(
      "div.particulars",
      {},
      FIELDS.map(([name, words]) => field(name, words)),
      field("mileage", OTHERS.mileage, { type: "number", min: 0, max: 10_000_000, step: 1 }),
      h("label", {}, OTHERS.kind, kind),
      field("taken_from", OTHERS.taken_from, { type: "datetime-local" }),
      field("taken_until", OTHERS.taken_until, { type: "datetime-local" }),
    ),
    dialogButtons("Save"),
  );
  if (!answer) return null;
  const now = Object.fromEntries(Object.entries(fields).map(([name, input]) => [name, input.value.trim()]));
  return { typed: now, changes: changesFrom(was, now) };
}

/** What the dialog calls a field; one of the caller's own metadata goes by its name. */
export function fieldWords(name) {
  return Object.fromEntries(FIELDS)[name] ?? OTHERS[name] ?? name;
}

function changesFrom(was, now) {
  const changes = {};
  for (const [name, text] of Object.entries(now)) {
    if (text === String(was[name] ?? "")) continue;
    const value = text === "" ? null : name === "mileage" ? Number(text) : name.startsWith("taken") ? new Date(text).toISOString() : text;
    if (OF_VEHICLE.has(name)) (changes.vehicle ??= {})[name] = value;
    else changes[name] = value;
  }
  return changes;
}

/** A time as a field of this browser's time zone has it; empty: none. */
function local(iso) {
  if (!iso) return "";
  const time = new Date(iso);
  return new Date(time - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
