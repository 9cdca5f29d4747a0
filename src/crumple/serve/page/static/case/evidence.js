// The chosen damage in every photo that shows it, side by side.

import { changed, fill, h, icon } from "../shared/dom.js";
import { Viewer } from "../photo/viewer.js";
import { tip } from "./damage_words.js";

const AT_ONCE = 6; // photos side by side: more are too small to see, and take too much memory
const LONGEST = 2400; // pixels of a photo's longer side, here; the photo on its own has all it has

export class Evidence {
  constructor(page) {
    this.page = page;
    this.cells = new Map(); // by photo
    this.from = 0;
    this.of = null;
    this.stages = h("div.stages");
    this.turn = h("div.turn", { hidden: true });
    this.element = h("div.evidence-photos", {}, this.stages, this.turn);
  }

  /** The photos that show a damage, best first: {photo, observations}. */
  static sights(damage, state) {
    const sights = new Map();
    for (const one of damage?.observations ?? []) {
      if (!state.photo(one.photo)) continue;
      if (!sights.has(one.photo)) sights.set(one.photo, { photo: state.photo(one.photo), observations: [] });
      sights.get(one.photo).observations.push(one);
    }
    return [...sights.values()];
  }

  render() {
    const { damage, state } = this.page;
    const sights = Evidence.sights(damage, state);
    if (this.of !== this.page.chosen) Object.assign(this, { of: this.page.chosen, from: 0 });
    if (this.from >= sights.length) this.from = 0;
    const here = sights.slice(this.from, this.from + AT_ONCE);
    for (const [id, cell] of this.cells) if (!here.some((sight) => sight.photo.id === id)) this.drop(id, cell);
    const cells = here.map((sight) => this.cell(sight, damage));
    if (cells.some((cell, i) => this.stages.children[i] !== cell.element) || this.stages.children.length !== cells.length) this.stages.replaceChildren(...cells.map((cell) => cell.element));
    this.stages.dataset.count = cells.length;
    this.renderTurn(sights.length, here.length);
  }

  renderTurn(all, here) {
    this.turn.hidden = all <= AT_ONCE;
    if (!changed(this.turn, all, this.from)) return;
    const to = (from) => () => ((this.from = from), this.page.render());
    fill(
      this.turn,
      h("button", { type: "button", "data-key": "turn back", disabled: this.from === 0, onclick: to(this.from - AT_ONCE) }, icon("left"), "Back"),
      h("span", {}, `${this.from + 1} to ${this.from + here} of ${all} photos`),
      h("button", { type: "button", "data-key": "turn on", disabled: this.from + here >= all, onclick: to(this.from + AT_ONCE) }, "More", icon("right")),
    );
  }

  cell({ photo, observations }, damage) {
    const { page } = this;
    if (!this.cells.has(photo.id)) this.cells.set(photo.id, this.newCell(photo));
    const cell = this.cells.get(photo.id);
    const findings = page.findingsOn(photo, damage).map((finding) => ({ ...finding, number: null }));
    const home = page.view.close ? around(observations.map((one) => one.box)) : null;
    cell.viewer.set({ showParts: false, showDamage: page.view.outlines, selected: null });
    cell.viewer.show({ key: photo.id, width: photo.width, height: photo.height, parts: [], findings, home });
    this.bitmap(photo.id, cell);
    const apart = damage.observations.length > observations.length;
    if (changed(cell.caption, photo.number, photo.name, apart, page.readOnly)) this.fillCaption(cell.caption, photo, observations, apart);
    return cell;
  }

  newCell(photo) {
    const viewer = new Viewer({
      label: `Photo ${photo.number}, ${photo.name}`,
      onselect: () => {},
      onpart: () => {},
      onhover: () => {},
      ondraw: () => {},
      tip,
    });
    const caption = h("figcaption");
    return { viewer, caption, element: h("figure", {}, viewer.element, caption) };
  }

  fillCaption(element, photo, observations, apart) {
    const { page } = this;
    const { decisions } = page;
    fill(
      element,
      h("button.plain", { type: "button", "data-key": `open ${photo.id}`, title: "Open this photo on its own", onclick: () => page.openPhoto(photo.id) }, `Photo ${photo.number}`),
      h("span.file", { title: photo.name }, photo.name),
      !page.readOnly && h("button.plain", { type: "button", "data-key": `redraw ${photo.id}`, "aria-label": `Redraw in photo ${photo.number}`, onclick: () => decisions.redraw(observations[0]) }, "Redraw"),
      !page.readOnly && apart && h("button.plain", { type: "button", "data-key": `split ${photo.id}`, title: "It shows another damage, which becomes one of its own", "aria-label": `Split off photo ${photo.number}`, onclick: () => decisions.split(observations) }, "Split off"),
    );
  }

  async bitmap(id, { viewer }) {
    const bitmap = await this.page.photos.bitmap(id, LONGEST).catch(() => null);
    if (bitmap && viewer.scene.bitmap !== bitmap) viewer.showBitmap(bitmap);
  }

  drop(id, { viewer }) {
    viewer.close();
    this.cells.delete(id);
  }

  close() {
    for (const [id, cell] of this.cells) this.drop(id, cell);
  }
}

/** The box around boxes. */
function around(boxes) {
  return [0, 1, 2, 3].map((i) => (i < 2 ? Math.min : Math.max)(...boxes.map((box) => box[i])));
}
