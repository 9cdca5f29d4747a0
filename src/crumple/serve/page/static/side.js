// The panel beside the photo: findings or edits.

import { fill, h } from "./dom.js";
import { fillEdits } from "./edits_list.js";
import { countWords, fillFindings } from "./findings_table.js";
import { count, ink } from "./words.js";

export function fillSide(element, page, act) {
  if (!element.firstChild) {
    element.append(h("div.tabs"), h("div.tabpanel", { role: "tabpanel", id: "tabpanel", tabindex: 0, "data-key": "tabpanel" }));
  }
  const [tabs, panel] = element.children;
  const rows = page.rows();
  const many = page.state.photos.length > 1;
  fill(
    tabs,
    h(
      "div.group",
      { role: "tablist", "aria-label": "Findings and edits", onkeydown: (event) => turn(event, page) },
      tab(page, "findings", countWords(rows.length, page.all)),
      tab(page, "edits", count(page.state.events.length, "edit")),
    ),
    h("div.spring"),
    many && page.tab === "findings" && scope(page),
  );
  panel.setAttribute("aria-labelledby", `tab-${page.tab}`);
  if (page.tab === "edits") return fillEdits(panel, page.state, { undo: page.readOnly ? null : (event) => page.review.undo(event) });
  const view = {
    rows,
    ink,
    manyPhotos: many && page.shown.allPhotos,
    selected: page.selection.chosen,
    pointed: page.selection.pointed,
    current: page.photo?.id,
    panel: page.review.panel,
    readOnly: page.readOnly,
    nothing: nothing(page),
    busy: (row) => page.state.edits.touches(row.photo.id, row.finding.id),
  };
  return fillFindings(panel, view, act);
}

function tab(page, name, words) {
  const chosen = page.tab === name;
  return h(
    "button",
    {
      type: "button", role: "tab", id: `tab-${name}`, "data-key": `tab ${name}`, tabindex: chosen ? 0 : -1,
      "aria-controls": "tabpanel", "aria-selected": String(chosen), onclick: () => page.openTab(name),
    },
    words,
  );
}

/** Arrow keys go from tab to tab, as in every tab list. */
function turn(event, page) {
  if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
  event.preventDefault();
  page.openTab(page.tab === "edits" ? "findings" : "edits");
  document.getElementById(`tab-${page.tab}`).focus();
}

function scope(page) {
  const box = h("input", { type: "checkbox", "data-key": "this photo", checked: !page.shown.allPhotos, onchange: () => page.toggle("allPhotos") });
  return h("label.switch", {}, box, "this photo only");
}

/** Why the table is empty. */
function nothing(page) {
  const { photos } = page.state;
  if (page.all) return "No finding has such a score. Move the slider to the left to see more.";
  if (!photos.length) return "Findings appear here once there are photos.";
  if (photos.some((photo) => ["queued", "assessing"].includes(photo.status))) return "Photos are being assessed ...";
  if (photos.some((photo) => photo.quality.some((check) => !check.ok))) return "No damage found, but a photo is hard to judge: see what is said below it.";
  return "No damage found. If you see one that the model missed, use Add damage.";
}
