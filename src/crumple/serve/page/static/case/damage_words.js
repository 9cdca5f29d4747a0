// Damages in words, and their pills.

import { h } from "../shared/dom.js";
import { NOT_IDENTIFIED, capital, damageReasons, on, severityWords } from "../shared/words.js";

/** "dent on left front door". */
export function named(damage) {
  return `${damage.title}${on(damage.on[0]?.label)}`;
}

export function where(damage) {
  return damage.on[0]?.title ?? NOT_IDENTIFIED;
}

/** Whether it is on the main list: a person confirmed it, or nobody rejected it and it is not doubtful. */
export function isListed({ decision, likelihood }) {
  return decision === "confirmed" || (decision === "open" && likelihood !== "doubtful");
}

export function isDoubtful({ decision, likelihood }) {
  return decision === "open" && likelihood === "doubtful";
}

/** Whether its severity may be shown in a strong colour: a person confirmed it, or the model is fairly sure. */
export function isSure({ decision, likelihood }) {
  return decision === "confirmed" || (decision === "open" && likelihood === "likely");
}

/** A severity as a pill; that of a guess has a frame in place of a colour. */
export function severityPill(severity, sure) {
  return h(`span.pill.${severity}${sure ? "" : ".guess"}`, {}, severityWords(severity));
}

/** "confirmed", "rejected: reflection"; nothing of one that nobody decided on. */
export function decisionWords(damage, other) {
  if (damage.decision !== "rejected") return damage.decision === "open" ? "" : "confirmed";
  if (other) return `duplicate of ${other.number}`;
  const reason = damageReasons()[damage.rejected_as];
  return reason ? `rejected: ${reason.toLowerCase()}` : "rejected";
}

/** What the bubble beside the pointer says about a finding or a part of a photo. */
export function tip(thing) {
  if (!("damage" in thing)) return [h("b", {}, thing.title)];
  const { told } = thing;
  if (!told) return [h("b", {}, capital(thing.title)), h("span", {}, thing.review === "rejected" ? "rejected" : "the model’s answer")];
  return [h("b", {}, `${told.number}  ${capital(named(told))}`), h("span", {}, [severityWords(told.severity), told.likelihood, told.decision === "open" ? null : told.decision].filter(Boolean).join(", "))];
}
