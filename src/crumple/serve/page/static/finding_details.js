// What is known about one finding, and what a reviewer can do with it.

import { h, icon } from "./dom.js";
import { NOT_IDENTIFIED, capital, colour, damages, fullTime, howManyReal, placeWords, places, reasons, shortTime, title } from "./words.js";

export function findingDetails(row, view, act) {
  const { finding } = row;
  return h(
    "div.card",
    {},
    h("dl.facts", {}, facts(finding).map(([name, words]) => h("div", {}, h("dt", {}, name), h("dd", {}, words)))),
    notes(finding),
    view.readOnly ? null : actions(row, view, act),
  );
}

const CHANGED = { mask: "outline", damage: "damage type", place: "panel" };

function facts(finding) {
  const where = finding.on.length ? finding.on.map((place) => h("span.place", {}, placeWords(place))) : NOT_IDENTIFIED;
  return [
    ["Where", where],
    ["Why", capital(finding.reason)],
    finding.hint && ["Repair", capital(finding.hint)],
    ["Seen by", seenBy(finding)],
    finding.review === "rejected" && ["Rejected", (reasons()[finding.rejected_as] ?? "").toLowerCase()],
    finding.edited?.length > 0 && ["Changed", finding.edited.map((what) => (CHANGED[what])).join(" and ")],
  ].filter(Boolean);
}

function seenBy(finding) {
  if (finding.score === null) return "a reviewer, who drew it";
  const chance = finding.probability === null ? "" : `: ${howManyReal(finding.probability)}`;
  return `the model, ${finding.likelihood}${chance} (score ${finding.score.toFixed(2)})`;
}

function notes(finding) {
  if (!finding.notes?.length) return null;
  return h(
    "ul.notes",
    { "aria-label": "Notes" },
    finding.notes.map((note) =>
      h("li", {}, h("p", {}, note.text), h("small", { title: fullTime(note.at) }, `${note.author}, ${shortTime(note.at)}`)),
    ),
  );
}

function actions(row, view, act) {
  const { finding } = row;
  const panel = view.panel;
  const button = (name, words, picture, work, more = {}) =>
    h("button", { type: "button", "data-key": `act ${name}`, onclick: work, ...more }, picture && icon(picture), words);
  const opens = (name) => ({ "aria-expanded": String(panel === name) });
  return [
    h(
      "div.actions",
      { role: "group", "aria-label": "Review" },
      button("confirm", "Confirm", "check", () => act.confirm(row), { disabled: finding.review === "confirmed" }),
      button("reject", "Reject", "cross", () => act.open("reject"), opens("reject")),
      button("relabel", "Relabel", null, () => act.open("relabel"), opens("relabel")),
      button("place", "Panel", null, () => act.open("place"), opens("place")),
      button("redraw", "Redraw", null, () => act.redraw(row)),
      button("note", "Note", null, () => act.open("note"), opens("note")),
    ),
    panel === "reject" && rejectPanel(row, act),
    panel === "relabel" && relabelPanel(row, act),
    panel === "place" && placePanel(row, act),
    panel === "note" && notePanel(row, act),
  ];
}

function rejectPanel(row, act) {
  return h(
    "div.panel",
    { role: "group", "aria-label": "Reason for the rejection" },
    h("p", {}, "It is no new damage of this vehicle, but"),
    Object.entries(reasons()).map(([reason, words], i) =>
      h("button", { type: "button", "data-key": `reason ${reason}`, onclick: () => act.reject(row, reason) }, h("kbd", {}, String(i + 1)), words),
    ),
  );
}

function relabelPanel(row, act) {
  return h(
    "div.panel",
    { role: "group", "aria-label": "Damage type" },
    h("p", {}, "It is a"),
    damages()
      .filter((damage) => damage !== row.finding.damage)
      .map((damage) =>
        h(
          "button",
          { type: "button", "data-key": `damage ${damage}`, onclick: () => act.relabel(row, damage) },
          h("span.swatch", { style: { background: colour(damage) } }),
          title(damage),
        ),
      ),
  );
}

/** The places that the photo shows, one click each, and all others in a list. */
function placePanel(row, act) {
  const is = row.finding.on[0]?.label;
  const seen = [...new Set((row.photo.assessment?.parts_seen ?? []).map((part) => part.label))].filter((name) => name !== is);
  const other = h("select", { "data-key": "place other" }, places().map((name) => h("option", { value: name }, title(name))));
  const say = (name) => act.place(row, [name]);
  return h(
    "form.panel",
    { onsubmit: (event) => (event.preventDefault(), say(other.value)) },
    h("p", {}, "It is"),
    seen.map((name) =>
      h("button", { type: "button", "data-key": `place ${name}`, onclick: () => say(name) }, h("span.swatch", { style: { background: colour(name) } }), title(name)),
    ),
    h("label", {}, "Another panel", other),
    h("button.primary", { "data-key": "place save" }, "Save panel"),
  );
}

function notePanel(row, act) {
  const text = h("textarea", { rows: 3, maxlength: 4000, "data-key": "note text", value: act.draft(row), oninput: () => act.keepDraft(row, text.value) });
  const save = (event) => {
    event.preventDefault();
    if (text.value.trim()) act.note(row, text.value.trim());
  };
  return h(
    "form.panel",
    { onsubmit: save },
    h("label", {}, "Note", text),
    h("button.primary", { "data-key": "note save" }, "Save note"),
  );
}
