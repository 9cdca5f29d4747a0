// The parts of the case's page: wide side by side, narrow below each other with the photos first.

import { photoButtons } from "../sending/photo_input.js";
import { h, icon } from "../shared/dom.js";
import { nameOf } from "../shared/words.js";
import { exportMenu } from "./exports.js";
import { addPhotos, goLive } from "./whole.js";

const NARROW = "(max-width: 60rem)";

/** The page's elements by name. `page` has the viewers and the panels that go in. */
export function buildFrame(page) {
  const parts = {
    title: h("h1", { tabindex: -1 }, "Inspection"),
    heading: h("div.heading"),
    notes: h("div.case-notes", { role: "status" }),
    bar: h("div.bar", { role: "group", "aria-label": "Tools" }),
    card: h("div.card"),
    strip: h("ol"),
    sending: h("ol.sending", { "aria-label": "Photos on their way" }),
    tabs: h("div.tabs"),
    panel: h("div.tabpanel", { role: "tabpanel", id: "tabpanel", tabindex: 0, "data-key": "tabpanel" }),
    finish: h("span"),
    element: h("main.case", { id: "main" }),
  };
  const header = h("header.heading", {}, h("div.about", {}, parts.title, parts.heading, parts.notes));
  const doing = h(
    "div.group.doing",
    { role: "group", "aria-label": "Inspection" },
    photoButtons((files) => addPhotos(page, files), { words: "Add photos" }),
    h("button", { type: "button", title: "Walk round the vehicle with the camera", onclick: () => goLive(page) }, icon("live"), "Live"),
    exportMenu(page.state, () => nameOf(page.state.inspection)),
    parts.finish,
  );
  const strip = h("nav.strip", { "aria-label": "Photos" }, parts.strip, parts.sending);
  const evidence = h("section.evidence", { "aria-label": "Photos as evidence" }, parts.bar, page.evidence.element, page.photoView.element, parts.card, strip);
  const side = h("section.side", { "aria-label": "Damages and edits" }, parts.tabs, parts.panel);
  // Read and tabbed through in the order in which it is seen.
  const narrow = matchMedia(NARROW);
  const order = () => {
    if (!narrow.matches) header.append(doing);
    parts.element.append(header, ...(narrow.matches ? [evidence, doing, side, page.vehicle.element] : [page.vehicle.element, side, evidence]));
  };
  narrow.addEventListener("change", order, { signal: page.signal });
  order();
  return parts;
}
