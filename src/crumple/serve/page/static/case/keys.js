// Single keys for the whole review. They can be switched off, and keep out of fields and dialogs.

import { remembered } from "../shared/settings.js";
import { reasonOf } from "./reject_panel.js";

export function listenToKeys(page, signal) {
  addEventListener("keydown", (event) => pressed(event, page), { signal });
}

function pressed(event, page) {
  const { decisions } = page;
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const field = event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !field && !event.shiftKey) {
    event.preventDefault();
    if (decisions.drawing) page.drawBack();
    else if (!page.readOnly) decisions.undo();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (decisions.drawing) return drawing(event, page, field);
  if (event.key === "Escape") return leave(page);
  if (field || !remembered("keys", true)) return;
  const work = commands(page)[event.key.toLowerCase()] ?? rejecting(event.key, page);
  if (!work) return;
  event.preventDefault();
  work();
}

function drawing(event, { decisions }, field) {
  if (event.key === "Escape") decisions.cancelDrawing();
  else if (event.key === "Enter" && !field && !event.target.closest?.("button")) decisions.saveDrawing();
  else return;
  event.preventDefault();
}

/** Escape closes what was opened last. */
function leave(page) {
  if (page.decisions.panel) page.decisions.open(page.decisions.panel);
  else if (page.photo) page.leavePhoto();
  else if (page.filter) page.filterBy(null);
}

function commands(page) {
  const { decisions, damage } = page;
  const own = damage && !page.readOnly;
  return {
    j: () => page.step(1),
    k: () => page.step(-1),
    c: own && (() => decisions.confirm([damage])),
    x: own && (() => decisions.open("reject")),
    r: own && (() => decisions.open("relabel")),
    w: own && (() => decisions.place(damage)),
    s: own && (() => decisions.open("severity")),
    n: own && (() => decisions.open("note")),
    t: own && (() => page.tick(damage)),
    e: own && (() => decisions.redraw(page.observed)),
    a: !page.readOnly && (() => decisions.add()),
    z: !page.readOnly && (() => decisions.undo()),
    "[": () => page.stepPhoto(-1),
    "]": () => page.stepPhoto(1),
    h: () => page.toggle("outlines"),
    f: () => page.toggle("close"),
    p: page.photo && (() => page.toggle("parts")),
    m: page.photo && (() => page.toggle("model")),
  };
}

/** While the reasons are open, a digit chooses one. */
function rejecting(digit, { decisions, damage }) {
  const reason = decisions.panel === "reject" && reasonOf(digit);
  return reason && damage && (() => decisions.reject([damage], { reason }));
}
