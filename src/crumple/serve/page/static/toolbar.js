// The bars above the photo: what is shown and how large; while drawing, the drawing's own.

import { fill, h, icon } from "./dom.js";
import { colour, damages, title } from "./words.js";

/** `view`: showParts, showDamage, model (whether the model's own answer is shown), lowest, threshold, undoable, readOnly. */
export function fillToolbar(element, view, act) {
  const toggle = (key, words, pressed, work) =>
    h("button.toggle", { type: "button", "data-key": `toggle ${key}`, "aria-pressed": String(pressed), onclick: work }, words);
  const score = h("output", { for: "threshold" }, `${Math.round(view.threshold * 100)} %`);
  const slider = h("input", {
    id: "threshold", type: "range", min: 0, max: 1, step: 0.01, "data-key": "threshold", value: view.threshold,
    "aria-valuetext": `${Math.round(view.threshold * 100)} %`,
    oninput: () => {
      score.value = `${Math.round(slider.value * 100)} %`;
      slider.setAttribute("aria-valuetext", score.value);
      act.threshold(Number(slider.value));
    },
  });
  slider.min = view.lowest;
  slider.value = view.threshold;
  return fill(
    element,
    h(
      "div.group",
      { role: "group", "aria-label": "Shown on the photo" },
      toggle("parts", "Parts", view.showParts, act.toggleParts),
      toggle("damage", "Damage", view.showDamage, act.toggleDamage),
      toggle("model", "Model’s answer", view.model, act.toggleModel),
    ),
    h("label.threshold", { for: "threshold" }, "Score from ", slider, score),
    view.readOnly
      ? null
      : h(
          "div.group.edit",
          { role: "group", "aria-label": "Edit" },
          h("button", { type: "button", "data-key": "tool add", onclick: act.add }, icon("plus"), "Add damage"),
          h("button", { type: "button", "data-key": "tool undo", onclick: act.undo, disabled: !view.undoable, title: view.undoable ?? "nothing to undo" }, icon("undo"), "Undo"),
        ),
  );
}

/** The drawing's bar; `view`: adding (a damage is to be chosen), damage, complete. */
export function fillDrawingBar(element, view, act) {
  const select = h(
    "select",
    { "data-key": "drawn damage", onchange: () => act.drawnAs(select.value) },
    damages().map((damage) => h("option", { value: damage, selected: damage === view.damage }, title(damage))),
  );
  const button = (name, words, work, disabled = false, kind = "") =>
    h(`button${kind}`, { type: "button", "data-key": `draw ${name}`, onclick: work, disabled }, words);
  return fill(
    element,
    h("span.swatch", { style: { background: colour(view.damage) } }),
    view.adding ? h("label.kind", {}, "New ", select) : h("b", {}, `Outline of ${title(view.damage)}`),
    h("span.hint", {}, "Tap to set corners, drag to move them"),
    h("div.spring"),
    h(
      "div.group.outline",
      { role: "group", "aria-label": "Outline" },
      button("back", "Step back", act.drawBack),
      button("remove", ["Remove", h("span.wide", {}, "corner")], act.removeCorner),
      button("afresh", "Start again", act.drawAfresh),
      button("piece", "Another piece", act.anotherPiece, !view.complete),
    ),
    h("div.group", {}, button("cancel", "Cancel", act.cancelDrawing), button("save", ["Save", h("span.wide", {}, "outline")], act.saveDrawing, !view.complete, ".primary")),
  );
}
