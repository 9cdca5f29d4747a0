// Short messages at the edge of the page, read out by screen readers.

import { h } from "./dom.js";

const STAYS = 7000; // ms

const place = h("div.toasts", { role: "status", "aria-live": "polite" });
document.body.append(place);

export function tell(text, { kind = "", action = null, onaction } = {}) {
  const end = () => toast.remove();
  const act = action && h("button", { type: "button", onclick: () => (end(), onaction()) }, action);
  const toast = h(`div.toast${kind ? `.${kind}` : ""}`, {}, h("span", {}, text), act);
  place.append(toast);
  setTimeout(end, STAYS);
}

export function tellProblem(error) {
  if (error.name !== "AbortError") tell(error.message, { kind: "bad" });
}
