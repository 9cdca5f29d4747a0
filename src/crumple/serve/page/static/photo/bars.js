// The bar above the photos: what is shown; for a photo on its own what can be done to it; while drawing, the drawing's.

import { named } from "../case/damage_words.js";
import { deletePhoto } from "../case/whole.js";
import { fill, h, icon } from "../shared/dom.js";
import { capital, colour, damages, title } from "../shared/words.js";

function toggle(page, name, words, more) {
  return h("button.toggle", { type: "button", "data-key": `toggle ${name}`, "aria-pressed": String(page.view[name]), title: more, onclick: () => page.toggle(name) }, words);
}

export function fillDamageBar(element, page) {
  const { damage } = page;
  if (!damage) return fill(element, h("h2", {}, "No damage chosen"));
  return fill(
    element,
    h("h2", {}, h("span.unseen", {}, "Damage "), h("span.chip.number", {}, String(damage.number)), " ", capital(named(damage))),
    h("div.spring"),
    h(
      "div.group",
      { role: "group", "aria-label": "Shown on the photos" },
      toggle(page, "outlines", "Outlines", "H hides and shows them"),
      toggle(page, "close", "Close-up", "F changes between close-up and whole photos"),
    ),
  );
}

export function fillPhotoBar(element, page) {
  const { damage, decisions, photo } = page;
  const edits = !page.readOnly && photo.assessment;
  return fill(
    element,
    damage && h("button", { type: "button", "data-key": "leave photo", onclick: () => page.leavePhoto() }, icon("left"), `Damage ${damage.number}`),
    h("h2", {}, `Photo ${photo.number} `, h("span.file", { title: photo.name }, photo.name)),
    h("div.spring"),
    h(
      "div.group",
      { role: "group", "aria-label": "Shown on the photo" },
      toggle(page, "outlines", "Outlines", "H hides and shows them"),
      toggle(page, "parts", "Parts", "What the model took for which part"),
      toggle(page, "model", "Model’s answer", "What the model said before any review"),
    ),
    !page.state.finished &&
      h(
        "div.group",
        { role: "group", "aria-label": "Edit" },
        edits && page.observedHere && h("button", { type: "button", "data-key": "redraw here", onclick: () => decisions.redraw(page.observedHere) }, icon("pen"), "Redraw"),
        edits && h("button", { type: "button", "data-key": "tool add", onclick: () => decisions.add() }, icon("plus"), "Add damage"),
        h("button.tool", { type: "button", "data-key": "delete photo", "aria-label": "Delete this photo", title: "Delete this photo", onclick: () => deletePhoto(page) }, icon("bin")),
      ),
  );
}

export function fillDrawingBar(element, page) {
  const { decisions } = page;
  const { damage, finding } = decisions.drawing;
  const { viewer } = page.photoView;
  const complete = Boolean(viewer.scene.drawing?.complete);
  const outline = (name) => () => (viewer.scene.drawing[name](), viewer.draw(), page.renderBar());
  const select = h(
    "select",
    { "data-key": "drawn damage", onchange: () => decisions.drawnAs(select.value) },
    damages().map((one) => h("option", { value: one, selected: one === damage }, title(one))),
  );
  const button = (name, words, work, disabled = false, kind = "") =>
    h(`button${kind}`, { type: "button", "data-key": `draw ${name}`, onclick: work, disabled }, words);
  return fill(
    element,
    h("span.swatch", { style: { background: colour(damage) } }),
    finding ? h("b", {}, `Outline of ${title(damage)}`) : h("label.kind", {}, "New ", select),
    h("span.hint", {}, "Tap to set corners, drag to move them"),
    h("div.spring"),
    h(
      "div.group.outline",
      { role: "group", "aria-label": "Outline" },
      button("back", "Step back", outline("stepBack")),
      button("remove", ["Remove", h("span.wide", {}, "corner")], outline("removeCorner")),
      button("afresh", "Start again", outline("afresh")),
      button("piece", "Another piece", outline("anotherPiece"), !complete),
    ),
    h("div.group", {}, button("cancel", "Cancel", () => decisions.cancelDrawing()), button("save", ["Save", h("span.wide", {}, "outline")], () => decisions.saveDrawing(), !complete, ".primary")),
  );
}
