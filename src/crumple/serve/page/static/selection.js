// Which finding is chosen, and how the photo and the table point at each other.

import { h } from "./dom.js";
import { NOT_IDENTIFIED, placeWords, severityWords } from "./words.js";

export class Selection {
  constructor(page) {
    this.page = page;
    this.chosen = null; // {photo, finding}: their ids
    this.pointed = null; // id of the finding under the pointer on the photo
  }

  /** Choose a finding, or none; the side that it was not chosen on moves to it. */
  choose(chosen, fromPhoto = false) {
    const other = this.chosen?.photo !== chosen?.photo || this.chosen?.finding !== chosen?.finding;
    if (other) this.page.review.panel = null;
    this.chosen = chosen;
    if (chosen) {
      this.page.tab = "findings";
      if (chosen.photo !== this.page.photo?.id) this.page.openPhoto(chosen.photo);
    }
    this.page.render();
    if (!chosen) return;
    if (fromPhoto) this.rowOf(chosen.finding)?.scrollIntoView({ block: "nearest" });
    else this.page.viewer.reveal(chosen.finding);
  }

  /** The next or previous finding in the order of the table. */
  step(by) {
    if (this.page.tab !== "findings") this.page.openTab("findings");
    const rows = [...this.page.side.querySelectorAll("tr.finding")];
    const at = rows.findIndex((row) => row.classList.contains("chosen"));
    const row = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1)];
    if (!row) return;
    this.choose({ photo: row.dataset.photo, finding: row.dataset.finding });
    this.rowOf(row.dataset.finding)?.scrollIntoView({ block: "nearest" });
  }

  showPart(label) {
    this.page.viewer.set({ part: label });
    this.page.side.querySelector(`tbody[data-part="${CSS.escape(label)}"]`)?.scrollIntoView({ block: "nearest" });
  }

  markRow(finding) {
    this.pointed = finding;
    for (const row of this.page.side.querySelectorAll("tr.pointed")) row.classList.remove("pointed");
    if (finding) this.rowOf(finding)?.classList.add("pointed");
  }

  rowOf(finding) {
    const photo = CSS.escape(this.page.photo?.id ?? "");
    return this.page.side.querySelector(`tr[data-photo="${photo}"][data-finding="${CSS.escape(finding)}"]`);
  }

  /** What was drawn just now is chosen, unless the reviewer has gone on to something else. */
  drawn({ image_id: photo, after }) {
    if (photo === this.page.photo?.id && !this.page.review.drawing) this.choose({ photo, finding: after.id }, true);
  }
}

/** What the bubble beside the pointer says about a finding or a part. */
export function tip(thing) {
  if (!("damage" in thing)) return [h("b", {}, thing.title), h("span", {}, `part, score ${thing.score.toFixed(2)}`)];
  const where = thing.on.map(placeWords).join("; ") || NOT_IDENTIFIED;
  const by = thing.score === null ? "drawn by a reviewer" : thing.likelihood;
  return [h("b", {}, `${thing.number}  ${thing.title}, ${severityWords(thing.severity)}`), h("span", {}, where), h("span", {}, by)];
}
