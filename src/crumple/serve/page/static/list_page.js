// The first page: a new inspection, and all there are.

import { fill, h, icon } from "./dom.js";
import { confirmed } from "./dialogs.js";
import { dropTarget, photoButtons } from "./photo_input.js";
import { tell, tellProblem } from "./toasts.js";
import { count, fullTime, shortTime } from "./words.js";

const PAGE = 50;

export class ListPage {
  /** `onopen(id, files)` goes to an inspection, with photos to send to it. */
  constructor(api, { onopen, signal }) {
    Object.assign(this, { api, onopen, signal, items: [], next: null });
    this.reference = h("input", { name: "reference", maxlength: 200, autocomplete: "off" });
    this.plate = h("input", { name: "plate", maxlength: 200, autocomplete: "off" });
    this.list = h("div.list", { "aria-live": "polite" }, h("p.empty", {}, "Reading ..."));
    this.drop = h(
      "form.drop",
      { "aria-label": "New inspection", onsubmit: (event) => (event.preventDefault(), this.create([])) },
      h("div.fields", {}, h("label", {}, "Reference (optional)", this.reference), h("label", {}, "Plate (optional)", this.plate)),
      h("p.invite", {}, "Drop photos of one vehicle here, or"),
      h(
        "span.photo-buttons",
        {},
        photoButtons((files) => this.create(files), { kind: ".primary" }),
        h("button", { type: "button", onclick: () => (location.hash = "#/live") }, icon("live"), "Live"),
      ),
      h("p.quiet", {}, "JPEG, PNG, WebP, BMP or HEIC. One from each corner and one close to each damage work best. The place a photo was taken at is removed."),
    );
    this.element = h(
      "main.start",
      { id: "main" },
      h("section", { "aria-labelledby": "new" }, h("h1", { id: "new", tabindex: -1 }, "New inspection"), this.drop),
      h("section", { "aria-labelledby": "all" }, h("h2", { id: "all" }, "Inspections"), this.list),
    );
    dropTarget(document.body, (files) => this.create(files), signal);
  }

  async start() {
    document.title = "Inspections · crumple";
    await this.read();
  }

  async create(files) {
    if (this.creating) return;
    this.creating = true;
    this.drop.setAttribute("aria-busy", "true");
    const vehicle = this.plate.value.trim() ? { plate: this.plate.value.trim() } : {};
    const body = { vehicle, ...(this.reference.value.trim() && { reference: this.reference.value.trim() }) };
    try {
      const inspection = await this.api.post("v1/inspections", body);
      this.onopen(inspection.id, files);
    } catch (error) {
      tellProblem(error);
    } finally {
      this.creating = false;
      this.drop.removeAttribute("aria-busy");
    }
  }

  async read(cursor = "") {
    try {
      const query = `?limit=${PAGE}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
      const page = await this.api.get(`v1/inspections${query}`, { signal: this.signal });
      this.items = cursor ? [...this.items, ...page.items] : page.items;
      this.next = page.next_cursor;
      this.show();
    } catch (error) {
      tellProblem(error);
    }
  }

  show() {
    if (!this.items.length) return fill(this.list, h("p.empty", {}, "None yet. Photos that you drop above make the first one."));
    const columns = ["Inspection", "Plate", "Photos", "Review", "Changed", ""];
    fill(
      this.list,
      h(
        "table.inspections",
        {},
        h("thead", {}, h("tr", {}, columns.map((words) => (words ? h("th", { scope: "col" }, words) : h("td"))))),
        h("tbody", {}, this.items.map((item) => this.row(item))),
      ),
      this.next && h("button", { type: "button", onclick: () => this.read(this.next) }, "More"),
    );
  }

  row(item) {
    const name = nameOf(item);
    return h(
      "tr",
      { onclick: (event) => event.target.closest("button, a") || this.onopen(item.id, []) },
      h("th", { scope: "row" }, h("a", { href: `#/inspections/${encodeURIComponent(item.id)}` }, name)),
      h("td", {}, item.vehicle.plate ?? ""),
      h("td", {}, count(item.photos, "photo"), item.case_status === "pending" && h("small", {}, ", being assessed")),
      h("td", {}, h(`span.review.${item.review.state}`, {}, item.review.state)),
      h("td", {}, h("time", { datetime: item.updated_at, title: fullTime(item.updated_at) }, shortTime(item.updated_at))),
      h("td", {}, h("button.tool", { type: "button", "aria-label": `Delete ${name}`, title: "Delete", onclick: () => this.remove(item, name) }, icon("bin"))),
    );
  }

  async remove(item, name) {
    const words = `${name} with ${count(item.photos, "photo")} and every edit will be gone for good. Export it first if it may be needed.`;
    if (!(await confirmed("Delete this inspection?", words, "Delete"))) return;
    try {
      await this.api.delete(`v1/inspections/${encodeURIComponent(item.id)}`);
      this.items = this.items.filter((one) => one !== item);
      this.show();
      tell(`${name} is deleted.`);
    } catch (error) {
      tellProblem(error);
    }
  }

  close() {}
}

/** What to call an inspection: the caller's reference, the plate, or when it was made. */
export function nameOf(inspection) {
  return inspection.reference ?? inspection.vehicle.plate ?? `Inspection of ${fullTime(inspection.created_at)}`;
}
