// What a reviewer does: confirm, reject, relabel, place, redraw, add, note, undo. Each becomes an edit in the queue.

import { author } from "./dialogs.js";
import { remember, remembered } from "./settings.js";
import { damages } from "./words.js";

export class Review {
  /** `page` has the state, the viewer, the photo shown (`photo`), what is `selected`, and `render()`. */
  constructor(page) {
    this.page = page;
    this.panel = null;
    this.drawing = null; // {damage, row}: row is null for a new finding
  }

  async edit(image, body) {
    const name = await author();
    if (!name) return;
    this.panel = null;
    this.page.state.edits.push(image, { ...body, author: name });
    this.page.render();
  }

  confirm(row) {
    return this.edit(row.photo.id, { kind: "confirm", finding_id: row.finding.id });
  }

  reject(row, reason) {
    return this.edit(row.photo.id, { kind: "reject", finding_id: row.finding.id, reason });
  }

  relabel(row, damage) {
    return this.edit(row.photo.id, { kind: "relabel", finding_id: row.finding.id, damage });
  }

  place(row, places) {
    return this.edit(row.photo.id, { kind: "place", finding_id: row.finding.id, places });
  }

  async note(row, text) {
    await this.edit(row.photo.id, { kind: "note", finding_id: row.finding.id, text });
    if (!this.panel) this.keepDraft(row, "");
  }

  undo(event = this.page.state.undoable) {
    if (event) this.edit(event.image_id, { kind: "undo", undoes: event.id });
  }

  /** Open or close one of the panels below the buttons: reject, relabel, place, note. */
  open(panel) {
    this.panel = this.panel === panel ? null : panel;
    this.page.render();
    this.page.focusPanel();
  }

  // A note half written outlives a render, a photo change and a reload.
  draft(row) {
    return remembered(this.draftKey(row), "");
  }

  keepDraft(row, text) {
    remember(this.draftKey(row), text);
  }

  draftKey({ photo, finding }) {
    return `draft ${photo.id} ${finding.id}`;
  }

  add() {
    const { page } = this;
    if (!page.photo?.assessment) return;
    const classes = Object.keys(page.photo.assessment.thresholds.damage ?? {});
    this.start({ damage: classes[0] ?? damages()[0], row: null }, []);
  }

  redraw(row) {
    this.page.openPhoto(row.photo.id);
    this.start({ damage: row.finding.damage, row }, row.finding.mask.polygons);
  }

  start(drawing, polygons) {
    this.drawing = { ...drawing, photo: this.page.photo.id };
    this.page.viewer.startDrawing(drawing.damage, polygons);
    this.page.render();
  }

  drawnAs(damage) {
    this.drawing.damage = damage;
    this.page.viewer.recolour(damage);
    this.page.render();
  }

  cancelDrawing() {
    this.drawing = null;
    this.page.viewer.stopDrawing();
    this.page.render();
  }

  async saveDrawing() {
    const outline = this.page.viewer.scene.drawing;
    if (!outline?.complete) return;
    if (!(await author())) return; // the drawing stays until there is a name to keep it under
    const { damage, row, photo } = this.drawing;
    const polygons = outline.polygons();
    this.cancelDrawing();
    await this.edit(photo, row ? { kind: "redraw", finding_id: row.finding.id, polygons } : { kind: "add", damage, polygons });
  }
}
