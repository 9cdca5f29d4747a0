// Where a damage is: panels on the map and in a list, and the other places. Several, where it is on several.

import { dialogButtons, show } from "../shared/dialogs.js";
import { fill, h } from "../shared/dom.js";
import { capital, list, panelOf, panels, places, title } from "../shared/words.js";
import { panelMap } from "./panel_map.js";

const MOST = 5; // places of a damage that the service takes

/** Ask for places, most of the damage first; null: the user thought better of it. `now`: those it has. `lid`: the vehicle's name of its lid. */
export async function pickParts(api, { heading, now, lid }) {
  const chosen = [...now];
  const boxes = new Map();
  const said = h("p.picker-said", { role: "status" });
  const buttons = dialogButtons("Save");
  const save = buttons.querySelector("[value=yes]");
  const map = await panelMap(api, (shape) => toggle(labelOf(shape, lid)));
  const shapes = map.querySelectorAll(".panel");
  for (const panel of shapes) {
    panel.dataset.state = "no_damage";
    panel.querySelector("title").textContent = capital(title(labelOf(panel.dataset.panel, lid)));
  }

  function toggle(name) {
    const at = chosen.indexOf(name);
    if (at >= 0) chosen.splice(at, 1);
    else if (chosen.length < MOST) chosen.push(name);
    render();
  }

  function render() {
    for (const [name, box] of boxes) {
      box.checked = chosen.includes(name);
      box.disabled = !box.checked && chosen.length >= MOST;
    }
    for (const panel of shapes) panel.classList.toggle("chosen", chosen.some((name) => panelOf(name) === panel.dataset.panel));
    save.disabled = !chosen.length;
    fill(said, chosen.length ? `${capital(list(chosen.map(title)))}${chosen.length > 1 ? ": most of the damage on the first" : ""}` : "Choose one panel or several.");
  }

  const mapOf = panels().map((shape) => labelOf(shape, lid));
  const others = [...new Set([...now, ...places()])].filter((name) => !mapOf.includes(name));
  const choice = (name) => {
    const box = h("input", { type: "checkbox", autofocus: name === (now[0] ?? mapOf[0]), onchange: () => toggle(name) });
    boxes.set(name, box);
    return h("li", {}, h("label.switch", {}, box, capital(title(name))));
  };
  const lists = h(
    "div.picker-lists",
    {},
    h("h3", { id: "picker-panels" }, "Panels"),
    h("ul.picker-list", { "aria-labelledby": "picker-panels" }, mapOf.map(choice)),
    h("h3", { id: "picker-others" }, "Elsewhere, or side not known"),
    h("ul.picker-list", { "aria-labelledby": "picker-others" }, others.map(choice)),
  );
  render();
  const answer = await show(heading, { wide: true }, h("div.picker", {}, h("div.picker-map", {}, map), lists), said, buttons);
  return answer === "yes" ? chosen : null;
}

/** A panel's name as a place: the map's one lid is a trunk or a tailgate. */
function labelOf(shape, lid) {
  return places().includes(shape) ? shape : (lid ?? "trunk");
}
