// Single keys for the whole review. They can be switched off, and keep out of fields and dialogs.

import { remembered } from "./settings.js";
import { reasons } from "./words.js";

export function listenToKeys(page, signal) {
  addEventListener("keydown", (event) => pressed(event, page), { signal });
}

function pressed(event, page) {
  const { review } = page;
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const field = event.target.closest?.("input:not([type=checkbox], [type=range]), textarea, select");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !field && !event.shiftKey) {
    event.preventDefault();
    if (review.drawing) page.acts().drawBack();
    else if (!page.readOnly) review.undo();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (review.drawing) return drawing(event, page, field);
  if (event.key === "Escape") return leave(page);
  if (field || !remembered("keys", true)) return;
  const work = commands(page)[event.key.toLowerCase()] ?? reasonOf(event.key, page);
  if (!work) return;
  event.preventDefault();
  work();
}

function drawing(event, { review }, field) {
  if (event.key === "Escape") review.cancelDrawing();
  else if (event.key === "Enter" && !field && !event.target.closest?.("button")) review.saveDrawing();
  else return;
  event.preventDefault();
}

/** Escape closes what was opened last. */
function leave(page) {
  if (page.review.panel) page.review.open(page.review.panel);
  else if (page.selection.chosen) page.selection.choose(null);
}

function commands(page) {
  const { review, row } = page;
  const own = row && !page.readOnly;
  return {
    j: () => page.selection.step(1),
    k: () => page.selection.step(-1),
    c: own && (() => review.confirm(row)),
    x: own && (() => review.open("reject")),
    r: own && (() => review.open("relabel")),
    w: own && (() => review.open("place")),
    e: own && (() => review.redraw(row)),
    n: own && (() => review.open("note")),
    a: !page.readOnly && (() => review.add()),
    z: !page.readOnly && (() => review.undo()),
    "[": () => page.stepPhoto(-1),
    "]": () => page.stepPhoto(1),
    p: () => page.toggle("showParts"),
    d: () => page.toggle("showDamage"),
    m: () => page.toggle("model"),
  };
}

/** While the reasons are open, 1 to 5 choose one. */
function reasonOf(key, { review, row }) {
  const reason = review.panel === "reject" && Object.keys(reasons())[Number(key) - 1];
  return reason && row && (() => review.reject(row, reason));
}
