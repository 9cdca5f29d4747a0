// The vehicle: its panels on a map and in a list, each of which filters damages and photos, and what no photo shows.

import { changed, fill, h } from "../shared/dom.js";
import { capital, list, panelStates } from "../shared/words.js";
import { mapped } from "./panel_states.js";
import { colourMap, panelMap } from "./panel_map.js";

const SVG = "http://www.w3.org/2000/svg";

export class VehiclePanels {
  constructor(page) {
    this.page = page;
    this.map = h("div.map");
    this.legend = h("ul.legend", { "aria-label": "Colours of the map" }, Object.entries(panelStates()).map(([state, words]) => h("li", {}, swatch(state), capital(words))));
    this.missing = h("div.missing");
    this.names = h("ul.panel-list", { "aria-label": "Panels" });
    this.element = h(
      "section.vehicle",
      { "aria-labelledby": "vehicle-heading" },
      h("h2", { id: "vehicle-heading" }, "Panels"),
      this.map,
      this.missing,
      h("details", {}, h("summary", {}, "Panels as a list"), this.names),
      h("details.legend-fold", { open: true }, h("summary", {}, "Colours"), this.legend),
    );
    this.ready = panelMap(page.api, (shape) => this.pick(shape)).then((svg) => {
      this.svg = svg;
      this.map.append(svg);
      this.render();
    }, () => {});
  }

  get panels() {
    return mapped(this.page.state.inspection.panels, this.page.state.damages);
  }

  pick(shape) {
    const panel = this.panels.find((one) => one.shape === shape);
    if (panel) this.page.filterBy(panel.label);
  }

  render() {
    const { page } = this;
    if (!page.state.inspection) return;
    const { panels } = this;
    const chosen = panels.find((panel) => panel.label === page.filter);
    if (this.svg) colourMap(this.svg, panels, chosen?.shape);
    this.renderMissing();
    if (!changed(this.names, panels, page.filter)) return;
    fill(
      this.names,
      panels.map((panel) =>
        h(
          "li",
          {},
          h("button.plain", { type: "button", "data-key": `panel ${panel.label}`, "aria-pressed": String(panel.label === page.filter), onclick: () => page.filterBy(panel.label) }, swatch(panel.state), capital(panel.text)),
        ),
      ),
    );
  }

  renderMissing() {
    const { inspection } = this.page.state;
    const views = inspection.photos.length ? inspection.missing_views.map((view) => view.title) : [];
    if (!changed(this.missing, views)) return;
    fill(this.missing, views.length > 0 && h("p.notice", {}, h("span", {}, h("b", {}, "Not photographed: "), `${list(views)}.`)));
  }
}

/** A small square in the looks of a state. */
function swatch(state) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 24 18", "aria-hidden": "true", class: "panel-map map-swatch" })) svg.setAttribute(name, value);
  const path = document.createElementNS(SVG, "path");
  for (const [name, value] of Object.entries({ d: "M1 1H23V17H1Z", class: "panel", "data-state": state })) path.setAttribute(name, value);
  svg.append(path);
  return svg;
}
