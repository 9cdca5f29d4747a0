// What is known about the chosen damage, and what a reviewer can do with it.

import { fill, h, icon } from "../shared/dom.js";
import { NOT_IDENTIFIED, capital, colour, count, damages, fullTime, howManyReal, list, percent, shortTime, title } from "../shared/words.js";
import { cutout } from "./cutout.js";
import { decisionWords, isSure, named, severityPill } from "./damage_words.js";
import { rejectPanel } from "./reject_panel.js";

const SEVERITIES = ["minor", "moderate", "severe"];
const CHANGED = { damage: "type", place: "panel", severity: "severity" };

export function fillCard(element, page) {
  const { damage } = page;
  if (!damage) return fill(element);
  return fill(element, facts(damage, page), notes(damage, page), page.readOnly ? null : actions(damage, page));
}

function facts(damage, page) {
  const { state } = page;
  const decided = decisionWords(damage, state.damage(damage.duplicate_of));
  const rows = [
    ["Severity", [severityPill(damage.severity, isSure(damage)), ` ${capital(damage.reason)}`]],
    ["Where", damage.on.length ? list(damage.on.map(placeWords)) : NOT_IDENTIFIED],
    damage.likelihood && ["Likelihood", likelihoodWords(damage)],
    decided && ["Decision", h(`span.review.${damage.decision}`, {}, capital(decided))],
    damage.edited.length > 0 && ["Changed", list(damage.edited.map((what) => CHANGED[what]))],
    repair(damage, state) && ["Repair", capital(repair(damage, state))],
  ].filter(Boolean);
  return h("dl.facts", {}, rows.map(([name, words]) => h("div", {}, h("dt", {}, name), h("dd", {}, words))));
}

function placeWords({ title, probability }) {
  return probability === null || probability >= 0.995 ? title : `${title} (probability ${percent(probability)})`;
}

function likelihoodWords({ likelihood, probability }) {
  return capital(probability === null ? likelihood : `${likelihood}: ${howManyReal(probability)}`);
}

function repair(damage, state) {
  return damage.observations.map((one) => state.finding(one)?.hint).find(Boolean) ?? "";
}

function notes(damage, { state }) {
  const all = damage.observations.flatMap((one) => (state.finding(one)?.notes ?? []).map((note) => ({ ...note, photo: state.photo(one.photo)?.number })));
  if (!all.length) return null;
  all.sort((a, b) => a.at.localeCompare(b.at));
  return h(
    "ul.notes",
    { "aria-label": "Notes" },
    all.map((note) => h("li", {}, h("p", {}, note.text), h("small", { title: fullTime(note.at) }, `${note.author}, ${shortTime(note.at)}, photo ${note.photo}`))),
  );
}

function actions(damage, page) {
  const { decisions } = page;
  const { panel } = decisions;
  const button = (name, words, picture, work, more = {}) =>
    h("button", { type: "button", "data-key": `act ${name}`, onclick: work, ...more }, picture && icon(picture), words);
  const opens = (name) => ({ "aria-expanded": String(panel === name) });
  const others = page.state.damages.filter((one) => one.id !== damage.id && one.decision !== "rejected");
  return [
    !panel && same(damage, page),
    h(
      "div.actions",
      { role: "group", "aria-label": "Decide" },
      button("confirm", "Confirm", "check", () => decisions.confirm([damage]), { disabled: damage.decision === "confirmed" }),
      button("reject", "Reject", "cross", () => decisions.open("reject"), opens("reject")),
      button("relabel", "Type", null, () => decisions.open("relabel"), opens("relabel")),
      button("place", "Panel", null, () => decisions.place(damage), { "aria-haspopup": "dialog" }),
      button("severity", "Severity", null, () => decisions.open("severity"), opens("severity")),
      button("note", "Note", null, () => decisions.open("note"), opens("note")),
    ),
    panel === "reject" && rejectPanel({ name: "one", others, onreject: (why) => decisions.reject([damage], why) }),
    panel === "relabel" && relabelPanel(damage, decisions),
    panel === "severity" && severityPanel(damage, decisions),
    panel === "note" && notePanel(page.observed, decisions),
  ];
}

/** "Same damage as 5?" with both pictures, for the likeliest that nobody answered yet. */
function same(damage, page) {
  const { decisions, state } = page;
  const open = damage.maybe_same
    .map((link) => state.damage(link.damage))
    .filter((other) => other && other.decision !== "rejected" && !answered(state, damage, other));
  if (damage.decision === "rejected" || !open.length) return null;
  const [other] = open;
  return h(
    "div.same",
    { role: "group", "aria-label": `Same damage as ${other.number}?` },
    cutout(damage, page),
    cutout(other, page),
    h("p", {}, `Is this the same damage as ${other.number}, ${named(other)}?`),
    h("button", { type: "button", "data-key": "same yes", onclick: () => decisions.merge([damage, other]) }, "Yes, merge"),
    h("button", { type: "button", "data-key": "same no", onclick: () => decisions.distinct(damage, other) }, "No"),
    open.length > 1 && h("small", {}, `and ${count(open.length - 1, "more question")}`),
  );
}

/** Whether the answer is on its way to the service. */
function answered({ edits }, ...both) {
  return edits.waiting.some(({ body }) => body.kind === "distinct" && both.every(({ observations: [one] }) => body.observations.some((said) => said.photo === one.photo && said.finding === one.finding)));
}

function relabelPanel(damage, decisions) {
  return h(
    "div.panel",
    { role: "group", "aria-label": "Damage type" },
    h("p", {}, "What is it?"),
    damages()
      .filter((type) => type !== damage.damage)
      .map((type) =>
        h("button", { type: "button", "data-key": `damage ${type}`, onclick: () => decisions.relabel(damage, type) }, h("span.swatch", { style: { background: colour(type) } }), capital(title(type))),
      ),
  );
}

function severityPanel(damage, decisions) {
  const reason = h("input", { maxlength: 4000, required: true, "data-key": "severity why", placeholder: "for example: the frame behind it is bent" });
  const option = (severity) =>
    h("label.switch", {}, h("input", { type: "radio", name: "severity", value: severity, required: true, "data-key": `severity ${severity}`, checked: severity === damage.severity }), capital(severity));
  const save = (event) => {
    event.preventDefault();
    decisions.severity(damage, new FormData(event.target).get("severity"), reason.value.trim());
  };
  return h(
    "form.panel",
    { onsubmit: save },
    h("fieldset.group", {}, h("legend", {}, "How severe is it?"), SEVERITIES.map(option)),
    h("label", {}, "Reason", reason),
    h("button.primary", { "data-key": "severity save" }, "Save severity"),
  );
}

function notePanel(observed, decisions) {
  const text = h("textarea", { rows: 3, maxlength: 4000, "data-key": "note text", value: decisions.draft(observed), oninput: () => decisions.keepDraft(observed, text.value) });
  const save = (event) => {
    event.preventDefault();
    if (text.value.trim()) decisions.note(observed, text.value.trim());
  };
  return h("form.panel", { onsubmit: save }, h("label", {}, "Note", text), h("button.primary", { "data-key": "note save" }, "Save note"));
}
