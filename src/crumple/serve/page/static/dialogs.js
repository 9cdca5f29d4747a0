// Dialogs: the token, the reviewer's name, the keys, a question before something is lost.

import { h } from "./dom.js";
import { remember, remembered } from "./settings.js";

/** Show a dialog and wait for its end: the value of the button that closed it, or null for Escape. */
function show(title, ...content) {
  const heading = h("h2", { id: "dialog-title" }, title);
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, h("form", { method: "dialog" }, heading, ...content));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue || null);
    });
  });
}

function buttons(yes, kind = "primary", no = "Cancel") {
  return h(
    "div.buttons",
    {},
    no && h("button", { type: "button", onclick: (event) => event.target.closest("dialog").close("") }, no),
    h(`button.${kind}`, { value: "yes" }, yes),
  );
}

/** Ask for the token until there is one. */
export async function askToken(wrong) {
  const field = h("input", { type: "password", autocomplete: "current-password", required: true, "aria-describedby": "token-help" });
  for (;;) {
    const answer = await show(
      "This service asks for a token",
      wrong && h("p.problem", { role: "alert" }, "The service does not accept that token."),
      h("label", {}, "Token", field),
      h("p.quiet", { id: "token-help" }, "Whoever runs the service knows it. It is forgotten when this tab is closed."),
      buttons("Continue", "primary", null),
    );
    if (answer && field.value.trim()) return field.value.trim();
  }
}

/** The name that edits are kept under; asked for once. Null: the user thought better of it. */
export async function author(again = false) {
  const known = remembered("author", "");
  if (known && !again) return known;
  const field = h("input", { autocomplete: "name", maxlength: 100, required: true, value: known });
  const answer = await show(
    "Who is reviewing?",
    h("label", {}, "Your name", field),
    h("p.quiet", {}, "Every edit is kept with who made it and when. This browser remembers the name."),
    buttons("Continue"),
  );
  const name = field.value.trim();
  if (!answer || !name) return null;
  remember("author", name);
  dispatchEvent(new Event("author"));
  return name;
}

export async function confirmed(title, text, yes) {
  return Boolean(await show(title, h("p", {}, text), buttons(yes, "danger")));
}

const KEYS = [
  ["J, K", "next, previous finding"],
  ["C", "confirm"],
  ["X", "reject, then 1 to 5 for the reason"],
  ["R", "give it another damage type"],
  ["W", "say which panel it is on"],
  ["E", "redraw its outline"],
  ["A", "add a damage"],
  ["N", "write a note"],
  ["Z or Ctrl Z", "undo the last edit"],
  ["[, ]", "previous, next photo"],
  ["P, D, M", "parts, damage, the model's own answer"],
  ["+, -, 0", "zoom in, out, whole photo (on the photo)"],
  ["Arrows", "move the photo, or the cross-hair while drawing"],
  ["Space, Enter, Esc", "set a corner, save, cancel while drawing"],
];

export async function showKeys() {
  const box = h("input", { type: "checkbox", checked: remembered("keys", true), onchange: () => remember("keys", box.checked) });
  await show(
    "Keys",
    h("dl.keys", {}, KEYS.map(([key, words]) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, words)))),
    h("label.switch", {}, box, "Single keys work"),
    buttons("Close", "primary", null),
  );
}
