// The findings of an inspection, grouped by the place that they are most probably on. The chosen one opens in place.

import { fill, h } from "./dom.js";
import { findingDetails } from "./finding_details.js";
import { NOT_IDENTIFIED, capital, colour, count, sure } from "./words.js";

const ELSEWHERE = "";

/** Findings by place, in order of the first photo that shows them; those whose panel is not identified come last. */
export function grouped(rows) {
  const groups = new Map();
  for (const row of rows) {
    const place = row.finding.on[0];
    const label = place?.label ?? ELSEWHERE;
    if (!groups.has(label)) groups.set(label, { label, title: place ? place.title : NOT_IDENTIFIED, rows: [] });
    groups.get(label).rows.push(row);
  }
  const elsewhere = groups.get(ELSEWHERE);
  groups.delete(ELSEWHERE);
  return elsewhere ? [...groups.values(), elsewhere] : [...groups.values()];
}

/**
 * `view` says what is seen: rows [{finding, photo, number}], selected (photo and finding id), pointed (a finding of the
 * photo `current`), manyPhotos, readOnly, panel; `act` has what can be done.
 */
export function fillFindings(element, view, act) {
  if (!view.rows.length) return fill(element, h("p.empty", {}, view.nothing));
  const columns = ["No", "Damage", "Severity", "Likelihood", "Review"];
  return fill(
    element,
    h(
      "table.findings",
      {},
      h("caption.unseen", {}, "Findings by part"),
      h("thead", {}, h("tr", {}, columns.map((words) => h("th", { scope: "col" }, words)))),
      grouped(view.rows).map((group) => groupBody(group, view, act)),
    ),
  );
}

function groupBody(group, view, act) {
  const swatch = group.label && h("span.swatch", { style: { background: colour(group.label) } });
  const heading = h(
    "tr.part",
    { onpointerenter: () => act.hoverPart(group.label), onpointerleave: () => act.hoverPart(null) },
    h("th", { colspan: 5, scope: "rowgroup" }, swatch, capital(group.title), h("span.number", {}, String(group.rows.length))),
  );
  return h("tbody", { "data-part": group.label }, heading, group.rows.map((row) => findingRows(row, view, act)));
}

function findingRows(row, view, act) {
  const { finding, photo, number } = row;
  const chosen = view.selected?.photo === photo.id && view.selected?.finding === finding.id;
  const pointed = view.pointed === finding.id && view.current === photo.id;
  const classes = [finding.review ?? "open", chosen && "chosen", pointed && "pointed"].filter(Boolean).join(" ");
  const name = h(
    "button.plain",
    {
      type: "button",
      "data-key": `row ${photo.id} ${finding.id}`,
      "aria-expanded": String(chosen),
      onclick: (event) => (event.stopPropagation(), act.select(chosen ? null : row)),
    },
    finding.title,
    view.manyPhotos && h("small", {}, `photo ${photo.number}`),
  );
  const line = h(
    "tr.finding",
    {
      "data-finding": finding.id,
      "data-photo": photo.id,
      onclick: () => act.select(chosen ? null : row),
      onpointerenter: () => act.hover(row),
      onpointerleave: () => act.hover(null),
    },
    h("td", {}, h("span.chip", { style: { background: colour(finding.damage), color: view.ink(finding.damage) } }, String(number))),
    h("th", { scope: "row" }, name),
    h("td", {}, h(`span.pill.${finding.severity}${sure(finding) ? "" : ".calm"}`, {}, finding.severity)),
    h("td.likelihood", {}, finding.score === null ? "drawn" : finding.likelihood),
    h("td", {}, h(`span.review.${finding.review ?? "open"}`, {}, view.busy(row) ? "saving" : reviewWords(finding))),
  );
  line.className += ` ${classes}`;
  if (!chosen) return line;
  return [line, h("tr.details", {}, h("td", { colspan: 5 }, findingDetails(row, view, act)))];
}

/** "to check", "confirmed", "rejected"; nothing of the model's own answer. */
function reviewWords({ review = "" }) {
  return review === "open" ? "to check" : review;
}

/** "3 of 7 findings shown" and the like, for the line above the table. */
export function countWords(shown, all) {
  if (shown === all) return count(all, "finding");
  return `${shown} of ${count(all, "finding")}`;
}
