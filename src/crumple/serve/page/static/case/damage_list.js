// The damages of the case, one row each: those to look at, then the doubtful and the rejected ones, folded.

import { fill, h, icon } from "../shared/dom.js";
import { capital, count, photosWords } from "../shared/words.js";
import { cutout } from "./cutout.js";
import { decisionWords, isDoubtful, isListed, isSure, severityPill, where } from "./damage_words.js";
import { rejectPanel } from "./reject_panel.js";

export function fillDamages(element, page) {
  const some = page.damagesHere;
  const groups = { listed: some.filter(isListed), doubtful: some.filter(isDoubtful), rejected: some.filter((one) => one.decision === "rejected") };
  return fill(
    element,
    page.filter && filterLine(page),
    bulkBar(page),
    groups.listed.length > 0 ? rows(groups.listed, page, "Damages") : h("p.empty", {}, nothing(page, groups)),
    groups.doubtful.length > 0 && fold("doubtful", groups.doubtful, page),
    groups.rejected.length > 0 && fold("rejected", groups.rejected, page),
  );
}

function filterLine(page) {
  const { title } = page.filterPanel ?? { title: "" };
  return h(
    "p.filter",
    {},
    h("span", {}, "Only ", h("b", {}, title)),
    h("button.plain", { type: "button", "data-key": "filter off", onclick: () => page.filterBy(null) }, "Show all"),
  );
}

function rows(damages, page, label) {
  return h("ol.damages", { "aria-label": label }, damages.map((damage) => row(damage, page)));
}

function row(damage, page) {
  const { state, damage: chosen } = page;
  const is = chosen?.id === damage.id;
  const number = h("span.chip.number", {}, String(damage.number));
  const numbers = damage.observations.map((one) => state.photo(one.photo)?.number).filter(Boolean);
  const saving = damage.observations.some((one) => state.edits.touches(one));
  return h(
    `li.damage.${damage.decision}${is ? ".chosen" : ""}`,
    { "data-damage": damage.id },
    !page.readOnly && h("input", { type: "checkbox", "data-key": `tick ${damage.id}`, "aria-label": `Select damage ${damage.number}`, checked: page.isTicked(damage), onchange: () => page.tick(damage) }),
    h(
      "button.row",
      { type: "button", "data-key": `damage ${damage.id}`, "aria-current": is && "true", onclick: () => page.choose(damage) },
      cutout(damage, page),
      h(
        "span.what",
        {},
        h("span.name", {}, number, h("b", {}, capital(damage.title)), h("span.where", {}, where(damage))),
        h(
          "span.said",
          {},
          severityPill(damage.severity, isSure(damage)),
          damage.likelihood && h("span", {}, damage.likelihood),
          h("span.quiet", {}, photosWords(sorted(numbers))),
          h(`span.review.${damage.decision}`, {}, saving ? "saving" : decisionWords(damage, state.damage(damage.duplicate_of))),
        ),
      ),
    ),
  );
}

function sorted(numbers) {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** What can be done to all that are selected. */
function bulkBar(page) {
  const { decisions } = page;
  const some = page.tickedDamages;
  if (!some.length || page.readOnly) return null;
  const button = (name, words, picture, work, more = {}) => h("button", { type: "button", "data-key": `bulk ${name}`, onclick: work, ...more }, icon(picture), words);
  const open = decisions.panel === "bulk";
  return h(
    "div.bulk",
    { role: "group", "aria-label": "Selected damages" },
    h("b", {}, `${some.length} selected`),
    button("confirm", "Confirm", "check", () => decisions.confirm(some)),
    button("reject", "Reject", "cross", () => decisions.open("bulk"), { "aria-expanded": String(open) }),
    button("merge", "Merge", "merge", () => decisions.merge(some), { disabled: some.length < 2, title: "They are one damage" }),
    h("button.plain", { type: "button", "data-key": "bulk clear", onclick: () => page.untick() }, "Clear"),
    open && rejectPanel({ name: "bulk", others: others(page, some), onreject: (why) => (page.ticked.clear(), decisions.reject(some, why)) }),
  );
}

function others(page, some) {
  return page.state.damages.filter((damage) => damage.decision !== "rejected" && !some.some((one) => one.id === damage.id));
}

function fold(name, some, page) {
  const { decisions, open } = page;
  const rejecting = name === "doubtful" && decisions.panel === "doubtful";
  return h(
    "section.fold",
    {},
    h(
      "div.fold-line",
      {},
      h("button.plain", { type: "button", "data-key": `fold ${name}`, "aria-expanded": String(open[name]), onclick: () => page.unfold(name) }, icon(open[name] ? "less" : "more"), `${some.length} ${name}`),
      name === "doubtful" && !page.readOnly && h("button", { type: "button", "data-key": "reject doubtful", "aria-expanded": String(rejecting), onclick: () => decisions.open("doubtful") }, "Reject all doubtful"),
    ),
    rejecting && rejectPanel({ name: "doubtful", others: [], onreject: (why) => decisions.reject(some, why) }),
    open[name] && rows(some, page, capital(name)),
  );
}

/** Why there is none to list. */
function nothing(page, { doubtful, rejected }) {
  const { photos, inspection } = page.state;
  const { filterPanel } = page;
  if (filterPanel) {
    if (doubtful.length || rejected.length) return "Only what is folded below.";
    return filterPanel.seen === "not_seen" ? "Not photographed: nothing can be said about it." : "No damage found on it.";
  }
  if (!photos.length) return "Damages appear here once there are photos.";
  if (inspection.case_status === "pending") return "Photos are being assessed and compared ...";
  if (photos.some((photo) => photo.quality.some((check) => !check.ok))) return "No damage found, but a photo is hard to judge: open it to see why.";
  return `No damage found${doubtful.length ? " that is more than doubtful" : ""}. If you see one, open its photo and choose Add damage.`;
}

/** "8 damages", or how many of them a filter leaves. */
export function countWords(page) {
  const all = page.state.damages.length, here = page.damagesHere.length;
  return here === all ? count(all, "damage") : `${here} of ${count(all, "damage")}`;
}
