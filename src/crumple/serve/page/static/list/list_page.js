// The first page: a new inspection, and all there are, with a search.

import { dropTarget, photoButtons } from "../sending/photo_input.js";
import { confirmed } from "../shared/dialogs.js";
import { fill, h, icon } from "../shared/dom.js";
import { tell, tellProblem } from "../shared/toasts.js";
import { count, fullTime, nameOf, severityWords, shortTime } from "../shared/words.js";
import { Filters } from "./filters.js";

const PAGE = 50;

export class ListPage {
  /** `onopen(id, files)` goes to an inspection, with photos to send to it; `onfilter(text)` keeps the filters. */
  constructor(api, { filters, onfilter, onopen, signal }) {
    Object.assign(this, { api, onfilter, onopen, signal, items: [], next: null, thumbnails: new Map() });
    this.filters = new Filters(filters, () => (onfilter(this.filters.text), this.read()));
    this.reference = h("input", { name: "reference", maxlength: 200, autocomplete: "off" });
    this.plate = h("input", { name: "plate", maxlength: 200, autocomplete: "off" });
    this.list = h("div.list", {}, h("p.empty", {}, "Reading ..."));
    this.found = h("p.unseen", { role: "status" });
    this.drop = h(
      "form.drop",
      { "aria-label": "New inspection", onsubmit: (event) => (event.preventDefault(), this.create([])) },
      h("div.fields", {}, h("label", {}, "Reference (optional)", this.reference), h("label", {}, "Plate (optional)", this.plate)),
      h("p.invite", {}, h("span.mouse", {}, "Drop photos of one vehicle here, or"), h("span.touch", {}, "Photos of one vehicle")),
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
      h("section", { "aria-labelledby": "all" }, h("h2", { id: "all" }, "Inspections"), this.filters.element, this.found, this.list),
    );
    dropTarget(document.body, (files) => this.create(files), signal);
  }

  async start() {
    document.title = "Inspections · crumple";
    this.onfilter(this.filters.text);
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

  /** Read the list, or its next page; an answer to filters that are others by now is dropped. */
  async read(cursor = "") {
    const { query } = this.filters;
    try {
      const wanted = [`limit=${PAGE}`, query, cursor && `cursor=${encodeURIComponent(cursor)}`].filter(Boolean).join("&");
      const page = await this.api.get(`v1/inspections?${wanted}`, { signal: this.signal });
      if (query !== this.filters.query) return;
      this.items = cursor ? [...this.items, ...page.items] : page.items;
      this.next = page.next_cursor;
      this.show();
    } catch (error) {
      tellProblem(error);
    }
  }

  show() {
    this.found.textContent = this.filters.text ? `${count(this.items.length, "inspection")} found${this.next ? ", and more" : ""}` : "";
    if (!this.items.length) {
      const words = this.filters.text ? "No inspection fits these filters." : "None yet. Photos that you add above make the first one.";
      return fill(this.list, h("p.empty", {}, words));
    }
    const columns = ["", "Inspection", "Vehicle", "Photos", "Damages", "Worst", "Review", "Changed", ""];
    fill(
      this.list,
      h(
        "table.inspections",
        {},
        h("thead", {}, h("tr", {}, columns.map((words) => (words ? h("th", { scope: "col" }, words) : h("td"))))),
        h("tbody", {}, this.items.map((item) => this.row(item))),
      ),
      this.next && h("button", { type: "button", "data-key": "more", onclick: () => this.read(this.next) }, "More"),
    );
  }

  row(item) {
    const name = nameOf(item);
    const { plate, make, model } = item.vehicle;
    const vehicle = [item.reference && plate, [make, model].filter(Boolean).join(" ")].filter(Boolean).join(" · ");
    return h(
      "tr",
      { onclick: (event) => event.target.closest("button, a") || this.onopen(item.id, []) },
      h("td.picture", {}, this.picture(item)),
      h("th", { scope: "row" }, h("a", { href: `#/inspections/${encodeURIComponent(item.id)}` }, name)),
      h("td.car", {}, vehicle),
      h("td", {}, count(item.photos, "photo")),
      h("td", {}, damagesWords(item)),
      h("td", {}, worst(item)),
      h("td", {}, h(`span.review.${item.review.state}`, {}, item.review.state)),
      h("td.changed", {}, h("time", { datetime: item.updated_at, title: fullTime(item.updated_at) }, shortTime(item.updated_at))),
      h("td.delete", {}, h("button.tool", { type: "button", "aria-label": `Delete ${name}`, title: "Delete", onclick: () => this.remove(item, name) }, icon("bin"))),
    );
  }

  /** The photo of the worst damage, once it is there. */
  picture({ id, thumbnail }) {
    if (!thumbnail) return h("span.blank");
    const image = h("img", { alt: "" });
    const path = `v1/inspections/${encodeURIComponent(id)}/images/${encodeURIComponent(thumbnail)}/thumbnail`;
    if (!this.thumbnails.has(path)) this.thumbnails.set(path, this.api.blob(path, { signal: this.signal }).then((blob) => URL.createObjectURL(blob)));
    this.thumbnails.get(path).then((url) => (image.src = url), () => this.thumbnails.delete(path));
    return image;
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

  close() {
    for (const url of this.thumbnails.values()) url.then(URL.revokeObjectURL, () => {});
  }
}

function damagesWords({ totals, case_status: status, photos }) {
  if (status === "pending" && photos) return h("span.quiet", {}, "being assessed");
  if (!photos) return "";
  const { damages, undecided } = totals;
  if (!damages) return "none found";
  return [count(damages, "damage"), undecided > 0 && h("small", {}, ` ${undecided} undecided`)];
}

/** The worst severity, in a strong colour once people decided on all damages. */
function worst({ totals }) {
  const { worst_severity: severity, undecided } = totals;
  return severity && h(`span.pill.${severity}${undecided ? ".guess" : ""}`, {}, severityWords(severity));
}
