// Why a damage is none: one reason for one damage, or for several at once.

import { h } from "../shared/dom.js";
import { damageReasons } from "../shared/words.js";
import { named } from "./damage_words.js";

/** `others`: damages that it may repeat. `onreject({reason, text?, duplicate_of?})`. `name` tells several such panels apart. */
export function rejectPanel({ name, others, onreject }) {
  const reasons = Object.entries(damageReasons());
  const plain = reasons.filter(([reason]) => reason !== "duplicate" && reason !== "other");
  const text = h("input", { maxlength: 4000, required: true, "data-key": `${name} why` });
  const other = h("select", { "data-key": `${name} duplicate` }, others.map((damage) => h("option", { value: damage.id }, `${damage.number} ${named(damage)}`)));
  const form = (words, field, why) =>
    h("form.line", { onsubmit: (event) => (event.preventDefault(), onreject(why())) }, h("label", {}, words, field), h("button", { "data-key": `${name} ${words}` }, "Reject"));
  return h(
    "div.panel",
    { role: "group", "aria-label": "Reason for the rejection" },
    h("p", {}, "Why is it no new damage of this vehicle?"),
    plain.map(([reason, words], i) =>
      h("button", { type: "button", "data-key": `${name} reason ${reason}`, onclick: () => onreject({ reason }) }, h("kbd", {}, String(i + 1)), words),
    ),
    others.length > 0 && form("Duplicate of", other, () => ({ reason: "duplicate", duplicate_of: other.value })),
    form("Other reason", text, () => ({ reason: "other", text: text.value.trim() })),
  );
}

/** The reason that a digit stands for. */
export function reasonOf(digit) {
  const plain = Object.keys(damageReasons()).filter((reason) => reason !== "duplicate" && reason !== "other");
  return plain[Number(digit) - 1] ?? null;
}
