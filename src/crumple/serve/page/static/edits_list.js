// Every edit of an inspection: who, when, what it was before and is after. Newest first.

import { fill, h, icon } from "./dom.js";
import { capital, fullTime, on, reasons, severityWords, shortTime, title } from "./words.js";

const PICTURES = { confirm: "check", reject: "cross", relabel: "tag", place: "tag", redraw: "pen", add: "plus", note: "note", undo: "undo", finish: "check", reopen: "undo" };

export function fillEdits(element, state, act) {
  if (!state.events.length) return fill(element, h("p.empty", {}, "No edits yet. Whatever a reviewer changes is listed here and can be undone."));
  const { undone } = state;
  return fill(element, h("ol.edits", {}, state.events.toReversed().map((event) => edit(event, state, undone.has(event.id), act))));
}

function edit(event, state, undone, act) {
  const photo = state.photos.findIndex((one) => one.id === event.image_id) + 1;
  const word = event.kind === "undo" ? "Redo" : "Undo";
  const change = changed(event);
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
      h("small", {}, h("time", { datetime: event.at, title: fullTime(event.at) }, shortTime(event.at)), photo > 0 && ` · photo ${photo}`),
    ),
    act.undo &&
      event.image_id &&
      !undone &&
      h("button.plain", { type: "button", "data-key": `undo ${event.id}`, "aria-label": `${word}: ${event.author} ${said(event, state)}`, onclick: () => act.undo(event) }, word),
  );
}

/** What was done, in words that follow the author's name. */
export function said(event, state) {
  const finding = (event.before ?? event.after)?.title ?? "a finding";
  switch (event.kind) {
    case "confirm":
      return `confirmed ${finding}`;
    case "reject":
      return `rejected ${finding}: ${(reasons()[event.reason] ?? event.reason).toLowerCase()}`;
    case "relabel":
      return `made ${finding} a ${title(event.damage)}`;
    case "place":
      return `put ${finding}${on(event.places[0])}`;
    case "redraw":
      return `redrew ${finding}`;
    case "add":
      return `added ${finding}`;
    case "note":
      return `wrote a note on ${finding}`;
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

/** The finding before and after in few words; null where nothing but a note changed. */
function changed({ before, after }) {
  const [old, now] = [inWords(before), inWords(after)];
  return old === now ? null : [old, now];
}

function inWords(finding) {
  if (!finding) return "nothing";
  return capital(`${finding.title}${on(finding.on[0]?.label)}, ${severityWords(finding.severity)}, ${finding.review === "open" ? "not reviewed" : finding.review}`);
}
