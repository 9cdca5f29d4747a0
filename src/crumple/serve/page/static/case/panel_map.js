// The map of the vehicle's panels: the service's drawing, coloured and numbered here, with panels that can be clicked.

import { numbersIn } from "./panel_states.js";

let drawing = null; // the service's, once it is read

/** A new map. `onpick(shape)` when a panel is clicked; the list of panels beside it is for keyboards and screen readers. */
export async function panelMap(api, onpick) {
  drawing ??= api.fetch("page/panel_map.svg").then((response) => response.text());
  const svg = document.importNode(new DOMParser().parseFromString(await drawing, "image/svg+xml").documentElement, true);
  svg.setAttribute("aria-hidden", "true");
  svg.removeAttribute("role");
  for (const panel of svg.querySelectorAll(".panel")) {
    panel.removeAttribute("id"); // there may be two maps
    panel.addEventListener("click", () => onpick(panel.dataset.panel));
  }
  return svg;
}

/** Colour and number a map; `chosen` is the shape that is marked. */
export function colourMap(svg, panels, chosen) {
  const byShape = new Map(panels.map((panel) => [panel.shape, panel]));
  for (const path of svg.querySelectorAll(".panel")) {
    const panel = byShape.get(path.dataset.panel);
    path.dataset.state = panel?.state ?? "not_seen";
    path.classList.toggle("chosen", path.dataset.panel === chosen);
    if (panel) path.querySelector("title").textContent = panel.text;
  }
  for (const text of svg.querySelectorAll(".map-number")) {
    text.textContent = numbersIn(byShape.get(text.dataset.of)?.numbers ?? [], Number(text.dataset.room));
  }
}
