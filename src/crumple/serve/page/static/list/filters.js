// What the list is limited to: words, review, worst severity, days. Kept in the address.

import { h } from "../shared/dom.js";

const PAUSE = 300; // ms without a key before the list is read anew
const STATES = [["", "any"], ["open", "open"], ["finished", "finished"]];
const SEVERITIES = [["", "any"], ["severe", "severe"], ["moderate", "moderate"], ["minor", "minor"], ["unclear", "unclear"], ["none", "no damage"]];
const DAY = 86_400_000; // ms

export class Filters {
  /** `text`: as the address has them. `onchange()` once they are others. */
  constructor(text, onchange) {
    const given = new URLSearchParams(text);
    this.onchange = onchange;
    const now = () => this.changed();
    const later = () => (clearTimeout(this.timer), (this.timer = setTimeout(now, PAUSE)));
    const select = (name, options) => h("select", { name, onchange: now }, options.map(([value, words]) => h("option", { value, selected: value === (given.get(name) ?? "") }, words)));
    const day = (name) => h("input", { type: "date", name, value: given.get(name) ?? "", onchange: now });
    this.fields = {
      q: h("input", { type: "search", name: "q", maxlength: 200, autocomplete: "off", value: given.get("q") ?? "", oninput: later }),
      state: select("state", STATES),
      severity: select("severity", SEVERITIES),
      since: day("since"),
      until: day("until"),
    };
    const { q, state, severity, since, until } = this.fields;
    this.clear = h("button.plain", { type: "button", onclick: () => this.empty() }, "Clear filters");
    this.element = h(
      "form.filters",
      { role: "search", "aria-label": "Inspections", onsubmit: (event) => (event.preventDefault(), now()) },
      h("label.q", {}, "Reference, plate, VIN, make or model", q),
      h("label", {}, "Review", state),
      h("label", {}, "Worst damage", severity),
      h("label", {}, "From", since),
      h("label", {}, "To", until),
      this.clear,
    );
    this.was = this.text;
    this.clear.hidden = !this.was;
  }

  /** As the address has them; empty: all inspections. */
  get text() {
    const set = Object.entries(this.fields).map(([name, field]) => [name, field.value.trim()]).filter(([, value]) => value);
    return new URLSearchParams(set).toString();
  }

  /** As the service has them: days of this browser's time zone, the last one included. */
  get query() {
    const query = new URLSearchParams(this.text);
    for (const [name, days] of [["since", 0], ["until", 1]]) {
      if (query.has(name)) query.set(name, new Date(new Date(`${query.get(name)}T00:00`).getTime() + days * DAY).toISOString());
    }
    return query.toString();
  }

  changed() {
    clearTimeout(this.timer);
    if (this.text === this.was) return;
    this.was = this.text;
    this.clear.hidden = !this.was;
    this.onchange();
  }

  empty() {
    for (const field of Object.values(this.fields)) field.value = "";
    this.changed();
    this.fields.q.focus();
  }
}
