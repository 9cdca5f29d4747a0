// Dialogs: the token, the reviewer's name, the keys, a question before something is lost.

import { h } from "./dom.js";
import { remember, remembered } from "./settings.js";

/** Show a dialog and wait for its end: the value of the button that closed it, or null for Escape. */
export function show(title, { wide = false } = {}, ...content) {
  const heading = h("h2", { id: "dialog-title" }, title);
  const dialog = h(`dialog${wide ? ".wide" : ""}`, { "aria-labelledby": "dialog-title" }, h("form", { method: "dialog" }, heading, ...content));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue || null);
    });
  });
}

/** The buttons at the end of a dialog; `yes` null: only the one that leaves it. */
export function dialogButtons(yes, kind = "primary", no = "Cancel") {
  return h(
    "div.buttons",
    {},
    no && h("button", { type: "button", onclick: (event) => event.target.closest("dialog").close("") }, no),
    yes && h(`button.${kind}`, { value: "yes" }, yes),
  );
}

/** Ask for the token until there is one. */
export async function askToken(wrong) {
  const field = h("input", { type: "password", autocomplete: "current-password", required: true, "aria-describedby": "token-help" });
  for (;;) {
    const answer = await show(
      "This service asks for a token",
      {},
      wrong && h("p.problem", { role: "alert" }, "The service does not accept that token."),
      h("label", {}, "Token", field),
      h("p.quiet", { id: "token-help" }, "Whoever runs the service knows it. It is forgotten when this tab is closed."),
      dialogButtons("Continue", "primary", null),
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
    {},
    h("label", {}, "Your name", field),
    h("p.quiet", {}, "Every edit is kept with who made it and when. This browser remembers the name."),
    dialogButtons("Continue"),
  );
  const name = field.value.trim();
  if (!answer || !name) return null;
  remember("author", name);
  dispatchEvent(new Event("author"));
  return name;
}

export async function confirmed(title, text, yes) {
  return Boolean(await show(title, {}, h("p", {}, text), dialogButtons(yes, "danger")));
}

/** Ask which of several things to do, each with a sentence about it: the value of the one, or null. */
export function choose(title, text, options) {
  return show(
    title,
    {},
    h("p", {}, text),
    h(
      "div.options",
      {},
      options.map(([value, words, more], i) => h("button", { value, autofocus: i === 0 }, h("b", {}, words), more && h("small", {}, more))),
    ),
    dialogButtons(null),
  );
}

const KEYS = [
  ["J, K", "next, previous damage"],
  ["C", "confirm"],
  ["X", "reject, then a digit for the reason"],
  ["R", "give it another damage type"],
  ["W", "say which panel it is on"],
  ["S", "say how severe it is"],
  ["N", "write a note"],
  ["T", "select it, for decisions on several"],
  ["E", "redraw its outline"],
  ["A", "add a damage"],
  ["Z or Ctrl Z", "undo the last edit"],
  ["H", "hide or show the outlines"],
  ["F", "close-up or whole photos"],
  ["[, ]", "previous, next photo"],
  ["P, M", "on one photo: its parts, the model’s own answer"],
  ["+, -, 0", "zoom in, out, whole photo (on a photo)"],
  ["Arrows", "move the photo, or the cross-hair while drawing"],
  ["Space, Enter, Esc", "set a corner, save, cancel while drawing"],
];

export async function showKeys() {
  const box = h("input", { type: "checkbox", checked: remembered("keys", true), onchange: () => remember("keys", box.checked) });
  await show(
    "Keys",
    {},
    h("dl.keys", {}, KEYS.map(([key, words]) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, words)))),
    h("label.switch", {}, box, "Single keys work"),
    dialogButtons("Close", "primary", null),
  );
}
