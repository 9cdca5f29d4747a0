// What a reviewer does to damages and to findings. Each becomes an edit in the queue.

import { author } from "../shared/dialogs.js";
import { remember, remembered } from "../shared/settings.js";
import { tell } from "../shared/toasts.js";
import { count, damages } from "../shared/words.js";
import { named } from "./damage_words.js";
import { pickParts } from "../panels/part_picker.js";

const DONE = { confirm: "confirmed", reject: "rejected" };

export class Decisions {
  /** `page` has the state, the damage that is chosen, the photo that is open, and `render()`. */
  constructor(page) {
    this.page = page;
    this.panel = null; // what is open below the buttons: reject, relabel, severity, note
    this.drawing = null; // {damage, photo, finding}: finding is null for a new one
  }

  /** An edit of damages, one event each. */
  async edit(some, body) {
    const name = await author();
    if (!name) return false;
    this.panel = null;
    // One observation of each: it means its damage, whatever the others did meanwhile.
    const observations = some.map(({ observations: [{ photo, finding }] }) => ({ photo, finding }));
    this.page.state.edits.push(null, { ...body, observations, author: name });
    this.page.render();
    return true;
  }

  /** The same decision on several: said in words, with a way back. */
  async decide(some, body) {
    if (!(await this.edit(some, body))) return;
    if (some.length > 1) tell(`${count(some.length, "damage")} ${DONE[body.kind]}.`, { action: "Undo", onaction: () => this.undo() });
  }

  confirm(some) {
    return this.decide(some, { kind: "confirm" });
  }

  /** `why`: {reason, text?, duplicate_of?}. */
  reject(some, why) {
    return this.decide(some, { kind: "reject", ...why });
  }

  relabel(damage, type) {
    return this.edit([damage], { kind: "relabel", damage: type });
  }

  severity(damage, severity, text) {
    return this.edit([damage], { kind: "severity", severity, text });
  }

  async place(damage) {
    const heading = `Where is the ${damage.title}?`;
    const chosen = await pickParts(this.page.api, { heading, now: damage.on.map((place) => place.label), lid: this.page.lid });
    if (chosen) await this.edit([damage], { kind: "place", places: chosen });
    this.page.focusAct("place");
  }

  async merge(some) {
    if (!(await this.edit(some, { kind: "merge" }))) return;
    this.page.ticked.clear();
    tell(`${count(some.length, "damage")} are one now.`, { action: "Undo", onaction: () => this.undo() });
    this.page.render();
  }

  /** These observations show another damage than the rest of theirs. */
  async split(some) {
    const name = await author();
    if (!name) return;
    const observations = some.map(({ photo, finding }) => ({ photo, finding }));
    this.page.state.edits.push(null, { kind: "split", observations, author: name });
    this.page.render();
  }

  async note({ photo, finding }, text) {
    const name = await author();
    if (!name) return;
    this.panel = null;
    this.page.state.edits.push(photo, { kind: "note", finding_id: finding, text, author: name });
    remember(draftKey({ photo, finding }), "");
    this.page.render();
  }

  /** Take back `events`: of one finding, or of damages. */
  async undo(events = this.page.state.undoable) {
    const name = events.length && (await author());
    if (!name) return;
    const [{ image_id: image }] = events;
    const undoes = events.map((event) => event.id);
    this.page.state.edits.push(image, { kind: "undo", undoes: image ? undoes[0] : undoes, author: name });
    this.page.render();
  }

  /** Open or close one of the panels below the buttons. */
  open(panel) {
    this.panel = this.panel === panel ? null : panel;
    this.page.render();
    this.page.focusPanel();
  }

  // A note half written outlives a render, another photo and a reload.
  draft(observed) {
    return remembered(draftKey(observed), "");
  }

  keepDraft(observed, text) {
    remember(draftKey(observed), text);
  }

  async add() {
    const { page } = this;
    const photo = page.photo ?? page.state.photo(page.damage?.observations[0].photo) ?? page.state.photos.find((one) => one.assessment);
    if (!photo?.assessment) return;
    page.openPhoto(photo.id);
    const classes = Object.keys(photo.assessment.thresholds.damage ?? {});
    this.start({ damage: classes[0] ?? damages()[0], photo: photo.id, finding: null }, []);
  }

  redraw(observed) {
    const finding = this.page.state.finding(observed);
    if (!finding) return;
    this.page.openPhoto(observed.photo);
    this.start({ damage: finding.damage, photo: observed.photo, finding: finding.id }, finding.mask.polygons);
  }

  start(drawing, polygons) {
    this.drawing = drawing;
    this.page.photoView.viewer.startDrawing(drawing.damage, polygons);
    this.page.render();
  }

  drawnAs(damage) {
    this.drawing.damage = damage;
    this.page.photoView.viewer.recolour(damage);
    this.page.render();
  }

  cancelDrawing() {
    this.drawing = null;
    this.page.photoView.viewer.stopDrawing();
    this.page.render();
  }

  async saveDrawing() {
    const outline = this.page.photoView.viewer.scene.drawing;
    const name = outline?.complete && (await author()); // the drawing stays until there is a name to keep it under
    if (!name) return;
    const { damage, photo, finding } = this.drawing;
    const polygons = outline.polygons();
    this.cancelDrawing();
    const body = finding ? { kind: "redraw", finding_id: finding, polygons } : { kind: "add", damage, polygons };
    this.page.state.edits.push(photo, { ...body, author: name });
    this.page.render();
  }

  /** "Is 2 the same as 5?" was answered with no: nobody is asked again. */
  async distinct(one, other) {
    if (!(await this.edit([one, other], { kind: "distinct" }))) return;
    tell(`${one.number} and ${other.number} stay two damages: ${named(one)}, and ${named(other)}.`, { action: "Undo", onaction: () => this.undo() });
  }
}

function draftKey({ photo, finding }) {
  return `draft ${photo} ${finding}`;
}
