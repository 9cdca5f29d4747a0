// The head of the case: whose vehicle, what the photos add up to, what a reader should know.

import { changed, fill, h, icon } from "../shared/dom.js";
import { capital, count, fullTime, list, severityWords } from "../shared/words.js";
import { KINDS } from "./particulars.js";
import { editParticulars } from "./whole.js";

export function fillHeading(element, page) {
  const { inspection, edits, finished } = page.state;
  const facts = factsOf(inspection);
  const saving = edits.size;
  fill(
    element,
    h("p.vehicle-facts", {}, facts.map((words) => h("span", {}, words)), h("button.plain", { type: "button", "data-key": "particulars", onclick: () => editParticulars(page) }, icon("pen"), facts.length ? "Edit" : "Add vehicle details")),
    h(
      "p.totals",
      {},
      totalsWords(inspection).map((words) => h("span", {}, words)),
      h(`span.review.${inspection.review.state}`, {}, finished ? `Review finished by ${inspection.review.author}` : "Review open"),
      h("span.quiet", { role: "status" }, saving ? `saving ${count(saving, "edit")} ...` : ""),
    ),
  );
}

function factsOf({ reference, vehicle, kind, place, mileage, taken_from: from, taken_until: until }) {
  const { plate, make, model, vin } = vehicle;
  const times = [from, until].filter(Boolean).map(fullTime);
  return [
    reference && plate,
    [make, model].filter(Boolean).join(" "),
    vin && `VIN ${vin}`,
    kind && KINDS[kind],
    times.length > 0 && `taken ${[...new Set(times)].join(" to ")}`,
    place,
    mileage !== null && `${mileage.toLocaleString("en-GB")} km`,
  ].filter(Boolean);
}

/** "8 damages, 3 of them doubtful", "worst: severe" and so on. */
export function totalsWords({ totals, case_status: status, images }) {
  if (!images?.length) return [];
  const { damages, doubtful, panels_affected: affected, worst_severity: worst, undecided } = totals;
  if (!damages) return status === "pending" ? [] : ["no damage found"];
  return [
    `${count(damages, "damage")}${doubtful ? `, ${doubtful} of them doubtful` : ""}`,
    worst && `worst: ${severityWords(worst)}`,
    affected > 0 && `${count(affected, "panel")} damaged`,
    undecided ? `${undecided} undecided` : "all decided",
  ].filter(Boolean);
}

/** What a reader should know: joining that goes on, photos of another vehicle, photos to take again. Said anew only when it changes. */
export function fillCaseNotes(element, page) {
  const { inspection, photos } = page.state;
  const pending = inspection.case_status === "pending" && inspection.images.length > 0;
  const notes = inspection.notes;
  const poor = photos.map((photo) => [photo.id, `Photo ${photo.number}: ${list(complaints(photo))}`, complaints(photo).length]).filter(([, , some]) => some);
  if (!changed(element, pending, notes, poor)) return;
  fill(
    element,
    pending && h("p.notice", {}, h("span.spinner"), h("span", {}, "Photos are being assessed and compared. Damages may still change.")),
    notes.map((note) => h("p.notice.warn", {}, icon("warning"), h("span", {}, capital(note)))),
    poor.map(([id, words]) => h("p.notice.warn", {}, icon("warning"), h("button.plain", { type: "button", "data-key": `poor ${id}`, title: "How to take it again", onclick: () => page.openPhoto(id) }, words))),
  );
}

/** Why a photo is no good; that it shows no vehicle is among the case's own notes. */
function complaints(photo) {
  if (photo.status === "failed") return ["not assessed"];
  return photo.quality.filter((check) => !check.ok && check.name !== "no_vehicle").map((check) => check.text);
}
