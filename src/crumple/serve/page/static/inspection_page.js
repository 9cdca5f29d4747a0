// One inspection: its photos, the photo on the canvas, its findings, its edits, and the review of them.

import { author } from "./dialogs.js";
import { changed, fill, h, icon } from "./dom.js";
import { exportMenu } from "./exports.js";
import { InspectionState } from "./inspection_state.js";
import { listenToKeys } from "./keys.js";
import { nameOf } from "./list_page.js";
import { fillNotices } from "./notices.js";
import { dropTarget, photoButtons } from "./photo_input.js";
import { fillStrip, fillUploads } from "./photo_strip.js";
import { Photos } from "./photos.js";
import { Review } from "./review.js";
import { Selection, tip } from "./selection.js";
import { remember, remembered } from "./settings.js";
import { fillSide } from "./side.js";
import { tell, tellProblem } from "./toasts.js";
import { fillDrawingBar, fillToolbar } from "./toolbar.js";
import { Uploads } from "./uploads.js";
import { Viewer } from "./viewer.js";
import { count } from "./words.js";

export class InspectionPage {
  constructor(api, id, { photo, files, signal }) {
    Object.assign(this, { api, id, signal, files, photoId: photo ?? null, tab: "findings", thumbnails: new Map() });
    this.shown = { showParts: true, showDamage: true, threshold: 0, allPhotos: true, ...remembered("shown", {}), model: false };
    this.state = new InspectionState(api, id, {
      onchange: () => this.render(),
      onrefused: (error) => tell(`That edit was not saved: ${error.message}`, { kind: "bad" }),
      onsaved: (event) => event.kind === "add" && this.selection.drawn(event),
      ongone: () => this.gone(),
      signal,
    });
    this.photos = new Photos(this.state);
    this.review = new Review(this);
    this.selection = new Selection(this);
    this.uploads = new Uploads(api, id, { onchange: () => this.renderUploads(), onstored: () => this.state.read().catch(tellProblem), signal });
    this.viewer = new Viewer({
      onselect: (finding) => this.selection.choose(finding && { photo: this.photo.id, finding }, true),
      onpart: (label) => this.selection.showPart(label),
      onhover: (finding) => this.selection.markRow(finding),
      ondraw: () => this.renderBars(),
      tip,
    });
    this.build();
    listenToKeys(this, signal);
    dropTarget(document.body, (list) => this.addPhotos(list), signal);
    addEventListener("beforeunload", (event) => this.review.drawing && event.preventDefault(), { signal });
  }

  build() {
    this.heading = h("div.heading");
    this.strip = h("ol");
    this.sending = h("ol.sending", { "aria-label": "Photos on their way" });
    this.bar = h("div.bar", { role: "group", "aria-label": "Tools" });
    this.notice = h("div.notices", { role: "status" });
    this.side = h("section.side", { "aria-label": "Findings and edits" });
    this.title = h("h1", { tabindex: -1 }, "Inspection");
    this.live = h("button", { type: "button", title: "Walk round the vehicle with the camera", onclick: () => this.goLive() }, icon("live"), "Live");
    this.export = exportMenu(this.state, () => nameOf(this.state.inspection));
    this.add = photoButtons((list) => this.addPhotos(list), { words: "Add photos" });
    this.element = h(
      "main.inspection",
      { id: "main" },
      h("header.heading", {}, this.title, this.heading, h("div.spring"), this.add, this.live, this.export, (this.finish = h("span"))),
      h("nav.strip", { "aria-label": "Photos" }, this.strip, this.sending),
      h("section.photo", { "aria-label": "Photo" }, this.bar, this.viewer.element, this.notice),
      this.side,
    );
  }

  async start() {
    try {
      await Promise.all([this.state.start(), this.uploads.resume().then(() => this.uploads.add(this.files))]);
    } catch (error) {
      if (error.status === 404 || error.status === 422) this.gone();
      else tellProblem(error);
    }
  }

  get photo() {
    const { photos } = this.state;
    return photos.find((one) => one.id === this.photoId) ?? photos[0] ?? null;
  }

  /** Findings as rows of the table: {finding, photo (with its number), number}. */
  rows() {
    const { model, threshold, allPhotos } = this.shown;
    const rows = this.state.photos.flatMap((photo, i) =>
      (model ? (photo.assessment?.findings ?? []) : photo.findings).map((finding, j) => ({ finding, photo: { ...photo, number: i + 1 }, number: j + 1 })),
    );
    // What a person drew or confirmed is never hidden by the model's score.
    const kept = ({ finding }) => finding.score === null || finding.review === "confirmed" || finding.score >= threshold;
    const here = ({ photo }) => allPhotos || photo.id === this.photo?.id;
    this.all = rows.filter(here).length;
    return rows.filter((row) => kept(row) && here(row));
  }

  get row() {
    const { chosen } = this.selection;
    return chosen && this.rows().find((row) => row.photo.id === chosen.photo && row.finding.id === chosen.finding);
  }

  /** The model's own answer takes no edits, nor does a finished review. */
  get readOnly() {
    return this.shown.model || this.state.finished;
  }

  render() {
    if (this.signal.aborted || !this.state.inspection) return;
    const name = nameOf(this.state.inspection);
    document.title = `${name} · crumple`;
    if (this.title.textContent !== name) this.title.textContent = name;
    this.renderHeading();
    this.renderStrip();
    this.renderBars();
    this.renderPhoto();
    this.renderSide();
  }

  renderHeading() {
    const { inspection, finished } = this.state;
    const { plate, make, model, vin } = inspection.vehicle;
    const vehicle = [inspection.reference && plate, make, model, vin].filter(Boolean).join(" · ");
    const saving = this.state.edits.size;
    fill(
      this.heading,
      vehicle && h("span.quiet", {}, vehicle),
      h(`span.review.${inspection.review.state}`, {}, finished ? `Review finished by ${inspection.review.author}` : "Review open"),
      h("span.quiet", { role: "status" }, saving ? `saving ${count(saving, "edit")} ...` : ""),
    );
    const words = finished ? "Open again" : "Finish review";
    fill(this.finish, h(`button${finished ? "" : ".primary"}`, { type: "button", "data-key": "finish", onclick: () => this.finishReview() }, words));
  }

  renderStrip() {
    const { photos } = this.state;
    for (const photo of photos) {
      if (!this.thumbnails.has(photo.id) && photo.status !== "failed") {
        this.photos.thumbnail(photo.id).then((url) => (this.thumbnails.set(photo.id, url), this.renderStrip()), () => {});
      }
    }
    fillStrip(this.strip, photos, this.photo?.id, this.thumbnails, (id) => this.openPhoto(id));
    this.renderUploads();
  }

  renderUploads() {
    fillUploads(this.sending, this.uploads);
    if (this.state.inspection) fillNotices(this.notice, this);
  }

  renderBars() {
    const { review, shown } = this;
    this.bar.classList.toggle("drawing", Boolean(review.drawing));
    if (review.drawing) {
      const complete = this.viewer.scene.drawing?.complete;
      const view = { adding: !review.drawing.row, damage: review.drawing.damage, complete };
      if (changed(this.bar, "drawing", view)) fillDrawingBar(this.bar, view, this.acts());
      return;
    }
    const thresholds = this.state.photos.flatMap((photo) => Object.values(photo.assessment?.thresholds.damage ?? {}));
    const lowest = Math.floor(Math.min(1, ...thresholds.map((one) => one.lower)) * 100) / 100 || 0;
    const undoable = this.state.undoable && "the last edit, whoever made it";
    const view = { ...shown, lowest: thresholds.length ? lowest : 0, undoable, readOnly: this.readOnly || !this.photo?.assessment };
    view.threshold = Math.max(view.threshold, view.lowest);
    const { threshold, ...rest } = view; // the slider itself knows how far it is
    if (changed(this.bar, rest)) fillToolbar(this.bar, view, this.acts());
  }

  async renderPhoto() {
    const { photo } = this;
    fillNotices(this.notice, this);
    if (!photo) return;
    const rows = this.rows().filter((row) => row.photo.id === photo.id);
    const findings = rows.map((row) => ({ ...row.finding, number: row.number }));
    const same = this.viewer.scene.key === photo.id;
    const parts = photo.assessment?.parts ?? [];
    this.viewer.set({ selected: this.selection.chosen?.finding, showParts: this.shown.showParts, showDamage: this.shown.showDamage });
    this.viewer.show({ key: photo.id, bitmap: same ? this.viewer.scene.bitmap : null, width: photo.width, height: photo.height, parts, findings });
    const bitmap = await this.photos.bitmap(photo.id).catch(() => null);
    if (bitmap && this.photo?.id === photo.id && this.viewer.scene.bitmap !== bitmap) this.viewer.showBitmap(bitmap);
  }

  renderSide() {
    fillSide(this.side, this, this.acts());
  }

  acts() {
    const { review, viewer } = this;
    const bound = (name) => review[name].bind(review);
    const outline = (name) => () => (viewer.scene.drawing[name](), viewer.draw(), this.renderBars());
    return {
      select: (row) => this.selection.choose(row && { photo: row.photo.id, finding: row.finding.id }),
      hover: (row) => viewer.point(row?.photo.id === this.photo?.id ? row?.finding.id : null),
      hoverPart: (label) => viewer.set({ part: label }),
      ...Object.fromEntries(["confirm", "reject", "relabel", "place", "redraw", "note", "open", "add", "draft", "keepDraft", "drawnAs", "saveDrawing", "cancelDrawing"].map((name) => [name, bound(name)])),
      undo: () => review.undo(),
      threshold: (value) => this.show({ threshold: value }),
      toggleParts: () => this.toggle("showParts"),
      toggleDamage: () => this.toggle("showDamage"),
      toggleModel: () => this.toggle("model"),
      drawBack: outline("stepBack"),
      removeCorner: outline("removeCorner"),
      drawAfresh: outline("afresh"),
      anotherPiece: outline("anotherPiece"),
    };
  }

  stepPhoto(by) {
    const { photos } = this.state;
    const at = photos.findIndex((photo) => photo.id === this.photo?.id) + by;
    if (photos[at]) this.openPhoto(photos[at].id);
  }

  openPhoto(id) {
    if (!id || id === this.photo?.id) return;
    if (this.review.drawing) this.review.cancelDrawing();
    this.photoId = id;
    if (this.selection.chosen?.photo !== id) this.selection.chosen = null;
    history.replaceState(null, "", `#/inspections/${encodeURIComponent(this.id)}/${encodeURIComponent(id)}`);
    this.render();
  }

  show(changes) {
    Object.assign(this.shown, changes);
    const { model, ...kept } = this.shown;
    remember("shown", kept);
    this.render();
  }

  toggle(name) {
    if (name === "model" && this.review.drawing) this.review.cancelDrawing();
    this.show({ [name]: !this.shown[name] });
  }

  openTab(name) {
    this.tab = name;
    this.render();
  }

  focusPanel() {
    this.side.querySelector(".panel textarea, .panel button")?.focus();
  }

  addPhotos(files) {
    if (this.state.finished) return tell("The review is finished. Open it again to add photos.");
    return this.uploads.add(files);
  }

  goLive() {
    if (this.state.finished) return tell("The review is finished. Open it again to add photos.");
    location.hash = `#/live/${encodeURIComponent(this.id)}`;
  }

  async finishReview() {
    const name = await author();
    if (!name) return;
    await this.state.review(this.state.finished ? "open" : "finished", name).catch(tellProblem);
  }

  gone() {
    if (this.signal.aborted) return;
    tell("This inspection does not exist. It may have been deleted.", { kind: "bad" });
    location.hash = "#/";
  }

  close() {
    this.viewer.close();
    this.photos.close();
  }
}
