// Where a damage is: every panel on the map and in a list, and the other places.

import { dialogButtons, show } from "../shared/dialogs.js";
import { h } from "../shared/dom.js";
import { capital, panelOf, panels, places, title } from "../shared/words.js";
import { panelMap } from "./panel_map.js";

/** Ask for a place; null: the user thought better of it. `now`: the one it has. `lid`: the vehicle's name of its lid. */
export async function pickPart(api, { heading, now, lid }) {
  const map = await panelMap(api, (shape) => map.closest("dialog").close(labelOf(shape, lid)));
  for (const panel of map.querySelectorAll(".panel")) {
    panel.dataset.state = "no_damage";
    panel.classList.toggle("chosen", panel.dataset.panel === panelOf(now));
    panel.querySelector("title").textContent = capital(title(labelOf(panel.dataset.panel, lid)));
  }
  const mapOf = panels().map((shape) => labelOf(shape, lid));
  const others = places().filter((name) => !mapOf.includes(name));
  const choice = (name) => h("li", {}, h("button", { value: name, "aria-pressed": String(name === now), autofocus: name === (now ?? mapOf[0]) }, capital(title(name))));
  return show(
    heading,
    { wide: true },
    h(
      "div.picker",
      {},
      h("div.picker-map", {}, map),
      h(
        "div.picker-lists",
        {},
        h("h3", { id: "picker-panels" }, "Panels"),
        h("ul.picker-list", { "aria-labelledby": "picker-panels" }, mapOf.map(choice)),
        h("h3", { id: "picker-others" }, "Elsewhere, or side not known"),
        h("ul.picker-list", { "aria-labelledby": "picker-others" }, others.map(choice)),
      ),
    ),
    dialogButtons(null),
  );
}

/** A panel's name as a place: the map's one lid is a trunk or a tailgate. */
function labelOf(shape, lid) {
  return places().includes(shape) ? shape : (lid ?? "trunk");
}
