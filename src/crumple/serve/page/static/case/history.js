// Every edit of an inspection: who, when, what it was before and is after. Newest first.

import { fill, h, icon } from "../shared/dom.js";
import { capital, damageReasons, fullTime, list, on, severityWords, shortTime, title } from "../shared/words.js";
import { named } from "./damage_words.js";
import { fieldWords } from "./particulars.js";

const PICTURES = {
  confirm: "check", reject: "cross", relabel: "tag", place: "tag", severity: "warning", redraw: "pen", add: "plus", note: "note", undo: "undo",
  merge: "merge", split: "merge", distinct: "merge", particulars_changed: "pen", photo_deleted: "bin", finish: "check", reopen: "undo",
};
const LASTING = new Set(["particulars_changed", "photo_deleted", "finish", "reopen"]); // cannot be undone from here

export function fillHistory(element, state, { undo }) {
  if (!state.events.length) return fill(element, h("p.empty", {}, "No edits yet. Whatever a reviewer changes is listed here and can be undone."));
  const { undone } = state;
  return fill(element, h("ol.edits", {}, state.events.toReversed().map((event) => edit(event, state, undone.has(event.id), undo))));
}

function edit(event, state, undone, undo) {
  const photo = state.photo(event.image_id)?.number;
  const word = event.kind === "undo" ? "Redo" : "Undo";
  const change = changed(event);
  const there = !event.image_id || photo;
  return h(
    `li${undone ? ".undone" : ""}`,
    {},
    icon(PICTURES[event.kind] ?? "pen"),
    h(
      "div",
      {},
      h("p", {}, h("b", {}, event.author), ` ${said(event, state)}`, undone && h("small", {}, " (undone)")),
      change && h("p.change", {}, h("span", {}, change[0]), h("span", { "aria-label": "became" }, " → "), h("span", {}, change[1])),
      event.text && h("blockquote", {}, event.text),
      h("small", {}, h("time", { datetime: event.at, title: fullTime(event.at) }, shortTime(event.at)), photo && ` · photo ${photo}`),
    ),
    undo &&
      there &&
      !undone &&
      !LASTING.has(event.kind) &&
      h("button.plain", { type: "button", "data-key": `undo ${event.id}`, "aria-label": `${word}: ${event.author} ${said(event, state)}`, onclick: () => undo([event]) }, word),
  );
}

/** What was done, in words that follow the author's name. */
export function said(event, state) {
  const [about = null] = event.damages_before ?? [];
  const thing = about ? named(about) : (event.before ?? event.after)?.title ?? "a damage";
  switch (event.kind) {
    case "confirm":
      return `confirmed ${thing}`;
    case "reject":
      return `rejected ${thing}: ${(damageReasons()[event.reason] ?? event.reason).toLowerCase()}`;
    case "relabel":
      return `made ${thing} a ${title(event.damage)}`;
    case "place":
      return `put ${about?.title ?? thing}${on(event.places[0])}`;
    case "severity":
      return `called ${thing} ${event.severity}`;
    case "merge":
      return `merged ${list((event.damages_before ?? []).map(named)) || "damages"}`;
    case "split":
      return `split ${thing}`;
    case "distinct":
      return `kept apart ${list((event.damages_before ?? []).map(named)) || "two damages"}`;
    case "redraw":
      return `redrew ${thing}`;
    case "add":
      return `added ${thing}`;
    case "note":
      return `wrote a note on ${thing}`;
    case "particulars_changed":
      return `changed ${list(particularsOf(event).map(([words]) => words))}`;
    case "photo_deleted":
      return `deleted the photo ${event.photo_name}`;
    case "finish":
      return "finished the review";
    case "reopen":
      return "opened the review again";
    case "undo": {
      const undone = state.events.find((one) => one.id === event.undoes);
      return undone ? `undid: ${undone.author} ${said(undone, state)}` : "undid an edit";
    }
    default:
      return event.kind;
  }
}

/** The finding or the damages before and after in few words; null where nothing that is said of them changed. */
function changed(event) {
  if (event.kind === "particulars_changed") return [1, 2].map((side) => particularsOf(event).map((one) => one[side]).join("; "));
  const [old, now] = event.damages_before
    ? [event.damages_before, event.damages_after ?? []].map((damages) => damages.map(damageWords).join("; "))
    : [findingWords(event.before), findingWords(event.after)];
  return old === now ? null : [old || "nothing", now || "nothing"];
}

/** Words, value before and value after of each field that was changed. */
function particularsOf({ particulars_before: before, particulars_after: after }) {
  const flat = (fields) => Object.assign({}, ...Object.entries(fields ?? {}).map(([name, value]) => (value && typeof value === "object" ? value : { [name]: value })));
  const [old, now] = [flat(before), flat(after)];
  const said = (value) => String(value ?? "nothing");
  return Object.keys({ ...now, ...old }).filter((name) => said(old[name]) !== said(now[name])).map((name) => [fieldWords(name).toLowerCase(), said(old[name]), said(now[name])]);
}

function damageWords(damage) {
  return capital(`${named(damage)}, ${severityWords(damage.severity)}, ${damage.decision === "open" ? "undecided" : damage.decision}`);
}

function findingWords(finding) {
  if (!finding) return "";
  return capital(`${finding.title}${on(finding.on[0]?.label)}, ${severityWords(finding.severity)}, ${finding.review === "open" ? "undecided" : finding.review}`);
}
