// One case: the vehicle and its panels, its damages, the photos that show them, and the review of them all.

import { Evidence } from "./evidence.js";
import { PhotoView } from "../photo/photo_view.js";
import { fillDamageBar, fillDrawingBar, fillPhotoBar } from "../photo/bars.js";
import { Photos } from "../photo/photos.js";
import { fillStrip, fillUploads } from "../photo/strip.js";
import { dropTarget } from "../sending/photo_input.js";
import { Uploads } from "../sending/uploads.js";
import { changed, fill, h, icon } from "../shared/dom.js";
import { remember, remembered } from "../shared/settings.js";
import { tell, tellProblem } from "../shared/toasts.js";
import { count, nameOf, panelOf } from "../shared/words.js";
import { CaseState, key } from "./case_state.js";
import { fillCard } from "./damage_card.js";
import { countWords, fillDamages } from "./damage_list.js";
import { isDoubtful, isListed, isSure } from "./damage_words.js";
import { Decisions } from "./decisions.js";
import { buildFrame } from "./frame.js";
import { fillCaseNotes, fillHeading } from "./heading.js";
import { fillHistory } from "./history.js";
import { listenToKeys } from "./keys.js";
import { VehiclePanels } from "../panels/vehicle.js";
import { addPhotos, finishReview } from "./whole.js";

export class CasePage {
  constructor(api, id, { photo, files, signal }) {
    Object.assign(this, { api, id, signal, files, photoId: photo ?? null, tab: "damages", thumbnails: new Map() });
    this.view = { outlines: true, close: true, parts: false, ...remembered("view", {}), model: false };
    this.chosen = null; // an observation, {photo, finding}, of the damage that is chosen: ids of damages change
    this.filter = null; // label of the panel that damages and photos are limited to
    this.ticked = new Set(); // one observation of each damage that is selected
    this.open = { doubtful: false, rejected: false };
    this.state = new CaseState(api, id, {
      onchange: () => this.render(),
      onrefused: (error) => tell(`That edit was not saved: ${error.message}`, { kind: "bad" }),
      onsaved: (edit, events) => edit.body.kind === "add" && this.drawn(events[0]),
      ongone: () => this.gone(),
      signal,
    });
    this.photos = new Photos(this.state);
    this.decisions = new Decisions(this);
    this.uploads = new Uploads(api, id, { onchange: () => this.renderUploads(), onstored: () => this.state.read().catch(tellProblem), signal });
    this.evidence = new Evidence(this);
    this.photoView = new PhotoView(this);
    this.vehicle = new VehiclePanels(this);
    Object.assign(this, buildFrame(this));
    listenToKeys(this, signal);
    dropTarget(document.body, (files) => addPhotos(this, files), signal);
    addEventListener("beforeunload", (event) => this.decisions.drawing && event.preventDefault(), { signal });
  }

  async start() {
    try {
      await Promise.all([this.state.start(), this.uploads.resume().then(() => this.uploads.add(this.files))]);
    } catch (error) {
      if (error.status === 404 || error.status === 422) this.gone();
      else tellProblem(error);
    }
  }

  // What is chosen.

  /** The damage that is chosen; until a hand chooses one, the worst. */
  get damage() {
    return this.state.damageOf(this.chosen) ?? this.state.damages.find((damage) => damage.decision !== "rejected") ?? null;
  }

  /** The photo that is open on its own, or null; without any damage the first one. */
  get photo() {
    return (this.photoId && this.state.photo(this.photoId)) || (this.damage ? null : (this.state.photos[0] ?? null));
  }

  /** The chosen damage's observation on the photo that is open, or null. */
  get observedHere() {
    return (this.photo && this.damage?.observations.find((one) => one.photo === this.photo.id)) ?? null;
  }

  /** The observation that a note or a redrawn outline is about. */
  get observed() {
    return this.observedHere ?? this.damage?.observations[0] ?? null;
  }

  get filterPanel() {
    return this.state.inspection?.panels.find((panel) => panel.label === this.filter) ?? null;
  }

  /** Damages on the panel that they are limited to, or all. */
  get damagesHere() {
    const { filterPanel } = this;
    return filterPanel ? this.state.damages.filter((damage) => filterPanel.damages.includes(damage.id)) : this.state.damages;
  }

  /** Photos that show the panel that they are limited to, or all. */
  get photosHere() {
    const { filterPanel } = this;
    if (!filterPanel) return this.state.photos;
    const showing = new Set([filterPanel.best_photo, ...this.damagesHere.flatMap((damage) => damage.observations.map((one) => one.photo))]);
    const panel = panelOf(filterPanel.label);
    const shows = (photo) => showing.has(photo.id) || photo.assessment?.parts_seen.some((part) => panelOf(part.label) === panel);
    return this.state.photos.filter(shows);
  }

  get tickedDamages() {
    return this.state.damages.filter((damage) => this.isTicked(damage));
  }

  /** The model's own answer takes no edits, nor does a finished review. */
  get readOnly() {
    return this.state.finished || Boolean(this.photo && this.view.model);
  }

  /** The vehicle's name of its lid: trunk or tailgate. */
  get lid() {
    return this.state.inspection.panels.find((panel) => panelOf(panel.label) === panelOf("trunk"))?.label;
  }

  /** Findings of a photo as the painter wants them: numbered as the damages are. `only`: those of one damage. */
  findingsOn(photo, only = null) {
    if (this.view.model && this.photo) return (photo.assessment?.findings ?? []).map((finding) => ({ ...finding, number: null, sure: false, gone: false, told: null }));
    const findings = photo.findings.map((finding) => {
      const told = this.state.damageOf({ photo: photo.id, finding: finding.id });
      return { ...finding, told, number: told?.number, sure: Boolean(told && isSure(told)), gone: told ? told.decision === "rejected" : finding.review === "rejected" };
    });
    return only ? findings.filter((finding) => finding.told?.id === only.id) : findings;
  }

  // What is shown.

  render() {
    if (this.signal.aborted || !this.state.inspection) return;
    const name = nameOf(this.state.inspection);
    document.title = `${name} · crumple`;
    if (this.title.textContent !== name) this.title.textContent = name;
    fillHeading(this.heading, this);
    fillCaseNotes(this.notes, this);
    const { finished } = this.state;
    fill(this.finish, h(`button${finished ? "" : ".primary"}`, { type: "button", "data-key": "finish", onclick: () => finishReview(this) }, finished ? "Open again" : "Finish review"));
    this.vehicle.render();
    this.renderSide();
    this.renderEvidence();
    this.renderStrip();
  }

  renderSide() {
    const { state, tab } = this;
    const one = (name, words) =>
      h("button", {
        type: "button", role: "tab", id: `tab-${name}`, "data-key": `tab ${name}`, tabindex: tab === name ? 0 : -1,
        "aria-controls": "tabpanel", "aria-selected": String(tab === name), onclick: () => this.openTab(name),
      }, words);
    const { undoable } = state;
    fill(
      this.tabs,
      h("div.group", { role: "tablist", "aria-label": "Damages and edits", onkeydown: (event) => this.turn(event) }, one("damages", countWords(this)), one("history", count(state.events.length, "edit"))),
      h("div.spring"),
      !state.finished && h("button", { type: "button", "data-key": "undo", disabled: !undoable.length, title: "Takes back the last edit, also if somebody else made it", onclick: () => this.decisions.undo() }, icon("undo"), "Undo"),
    );
    this.panel.setAttribute("aria-labelledby", `tab-${tab}`);
    if (tab === "history") fillHistory(this.panel, state, { undo: state.finished ? null : (events) => this.decisions.undo(events) });
    else fillDamages(this.panel, this);
  }

  renderEvidence() {
    const single = Boolean(this.photo);
    this.evidence.element.hidden = single || !this.damage;
    this.photoView.element.hidden = !single && Boolean(this.damage);
    this.renderBar();
    if (!single) this.evidence.render();
    this.photoView.render();
    const shown = !single || this.observedHere ? this.damage : null;
    this.card.hidden = !shown || Boolean(this.decisions.drawing);
    if (shown) fillCard(this.card, this);
  }

  renderBar() {
    const { drawing } = this.decisions;
    this.bar.classList.toggle("drawing", Boolean(drawing));
    this.bar.hidden = !this.photo && !this.damage;
    if (drawing) {
      if (changed(this.bar, drawing, this.photoView.viewer.scene.drawing?.complete)) fillDrawingBar(this.bar, this);
    } else if (changed(this.bar, this.view, this.photo, this.damage, this.readOnly)) {
      if (this.photo) fillPhotoBar(this.bar, this);
      else fillDamageBar(this.bar, this);
    }
  }

  renderStrip() {
    const photos = this.photosHere;
    for (const { id, status } of this.state.photos) {
      if (!this.thumbnails.has(id) && status !== "failed") this.photos.thumbnail(id).then((url) => this.thumbnailCame(id, url), () => {});
    }
    const showing = new Set(this.damage?.observations.map((one) => one.photo));
    fillStrip(this.strip, photos, { current: this.photo?.id, showing, thumbnails: this.thumbnails, open: (id) => this.openPhoto(id) });
    this.renderUploads();
  }

  thumbnailCame(id, url) {
    if (this.thumbnails.has(id)) return;
    this.thumbnails.set(id, url);
    this.coming ??= requestAnimationFrame(() => ((this.coming = null), this.render())); // several come at a time
  }

  renderUploads() {
    fillUploads(this.sending, this.uploads);
    if (this.state.inspection && !this.damage) this.photoView.render();
  }

  // What a reviewer opens and chooses.

  choose(damage) {
    const [{ photo, finding }] = damage.observations;
    if (damage.id !== this.damage?.id) this.decisions.panel = null;
    this.chosen = { photo, finding };
    this.tab = "damages";
    if (isDoubtful(damage)) this.open.doubtful = true;
    if (damage.decision === "rejected") this.open.rejected = true;
    this.leavePhoto();
    this.panel.querySelector(".damage.chosen")?.scrollIntoView({ block: "nearest" });
  }

  /** A finding on the photo that is open was clicked: its damage is chosen, and the photo stays open. */
  chooseOnPhoto(finding) {
    const observed = finding && { photo: this.photo.id, finding };
    const damage = this.state.damageOf(observed);
    if (!damage) return;
    if (damage.id !== this.damage?.id) this.decisions.panel = null;
    this.chosen = observed;
    this.tab = "damages";
    if (!isListed(damage)) this.open[damage.decision === "rejected" ? "rejected" : "doubtful"] = true;
    this.render();
    this.panel.querySelector(".damage.chosen")?.scrollIntoView({ block: "nearest" });
  }

  /** Mark the row of a finding that the pointer is on. */
  point(finding) {
    this.panel.querySelector(".pointed")?.classList.remove("pointed");
    const damage = finding && this.state.damageOf({ photo: this.photo.id, finding });
    if (damage) this.panel.querySelector(`[data-damage="${CSS.escape(damage.id)}"]`)?.classList.add("pointed");
  }

  /** The next or previous damage of those that are unfolded. */
  step(by) {
    if (this.tab !== "damages") this.openTab("damages");
    const seen = [...this.panel.querySelectorAll("[data-damage]")];
    const at = seen.findIndex((row) => row.dataset.damage === this.damage?.id);
    const row = seen[at < 0 ? (by > 0 ? 0 : seen.length - 1) : Math.min(Math.max(at + by, 0), seen.length - 1)];
    if (row) this.choose(this.state.damage(row.dataset.damage));
  }

  /** Limit damages and photos to a panel; null, or the same once more: to none. `stay`: the photo stays open. */
  filterBy(label, { stay = false } = {}) {
    const panel = this.state.inspection.panels.find((one) => panelOf(one.label) === panelOf(label)) ?? null;
    this.filter = panel && panel.label !== this.filter ? panel.label : null;
    this.tab = "damages";
    const [worst] = this.damagesHere;
    if (!this.filter || stay) this.render();
    else if (worst) this.choose(worst);
    else if (panel.best_photo) this.openPhoto(panel.best_photo);
    else this.render();
  }

  unfold(name) {
    this.open[name] = !this.open[name];
    this.render();
  }

  isTicked(damage) {
    return damage.observations.some((one) => this.ticked.has(key(one)));
  }

  tick(damage) {
    if (this.isTicked(damage)) damage.observations.forEach((one) => this.ticked.delete(key(one)));
    else this.ticked.add(key(damage.observations[0]));
    this.render();
  }

  untick() {
    this.ticked.clear();
    this.render();
  }

  openPhoto(id) {
    if (!id || id === this.photoId) return;
    if (this.decisions.drawing) this.decisions.cancelDrawing();
    this.photoId = id;
    this.showAddress();
    this.render();
  }

  leavePhoto() {
    if (this.decisions.drawing) this.decisions.cancelDrawing();
    this.photoId = null;
    this.view.model = false;
    this.showAddress();
    this.render();
  }

  showAddress() {
    history.replaceState(null, "", `#/inspections/${encodeURIComponent(this.id)}${this.photoId ? `/${encodeURIComponent(this.photoId)}` : ""}`);
  }

  stepPhoto(by) {
    const photos = this.photosHere;
    const at = photos.findIndex((photo) => photo.id === this.photo?.id);
    const next = photos[at < 0 ? (by > 0 ? 0 : photos.length - 1) : at + by];
    if (next) this.openPhoto(next.id);
  }

  toggle(name) {
    if (name === "model" && this.decisions.drawing) this.decisions.cancelDrawing();
    this.view[name] = !this.view[name];
    const { model, ...kept } = this.view;
    remember("view", kept);
    this.render();
  }

  openTab(name) {
    this.tab = name;
    this.render();
  }

  /** Arrow keys go from tab to tab, as in every tab list. */
  turn(event) {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    this.openTab(this.tab === "history" ? "damages" : "history");
    document.getElementById(`tab-${this.tab}`).focus();
  }

  focusPanel() {
    const panel = this.element.querySelector("div.panel, form.panel"); // a panel of the map is none
    panel?.querySelector("input:checked, textarea, button")?.focus();
    panel?.scrollIntoView({ block: "nearest" });
  }

  focusAct(name) {
    this.card.querySelector(`[data-key="act ${name}"]`)?.focus();
  }

  drawBack() {
    const { viewer } = this.photoView;
    viewer.scene.drawing.stepBack();
    viewer.draw();
    this.renderBar();
  }

  /** What was drawn just now is chosen, unless the reviewer has gone on to something else. */
  drawn({ image_id: photo, after }) {
    if (photo === this.photo?.id && !this.decisions.drawing) this.chooseOnPhoto(after.id);
  }

  gone() {
    if (this.signal.aborted) return;
    tell("This inspection does not exist. It may have been deleted.", { kind: "bad" });
    location.hash = "#/";
  }

  close() {
    this.evidence.close();
    this.photoView.close();
    this.photos.close();
  }
}
