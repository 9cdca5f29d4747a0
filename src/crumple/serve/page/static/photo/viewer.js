// The photo on its canvas: what is drawn on it, what lies where, and how a keyboard moves it.

import { Drawing } from "./drawing.js";
import { h, icon } from "../shared/dom.js";
import { Gestures } from "./gestures.js";
import { pathOf, top } from "./geometry.js";
import { paint } from "./painter.js";
import { Viewport } from "./viewport.js";
import { colour } from "../shared/words.js";

const STEP = 48; // CSS pixels of an arrow key
export class Viewer {
  /**
   * `label`: what it is called. `onselect(id or null)` of a finding, `onpart(label)`, `onhover(id or null)`, `ondraw()` after each step of a
   * drawing, `tip(thing)` the words about what lies under the pointer.
   */
  constructor({ label, onselect, onpart, onhover, ondraw, tip }) {
    Object.assign(this, { onselect, onpart, onhover, ondraw, tip });
    this.viewport = new Viewport();
    this.scene = { parts: [], findings: [], showParts: true, showDamage: true, width: 1, height: 1 };
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.bubble = h("div.tip", { hidden: true, "aria-hidden": "true" });
    this.element = h("div.stage", { tabindex: 0, role: "group", "aria-label": label }, this.canvas, this.bubble, this.zoomButtons());
    this.context = this.canvas.getContext("2d");
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.element);
    this.element.addEventListener("keydown", (event) => this.key(event));
    this.gestures = new Gestures(this);
  }

  /**
   * Show a photo with its parts and findings; its pixels come later: `showBitmap`. The view stays where it is while the
   * photo and its `home` are the same: the box that is shown first, null for all of the photo.
   */
  show({ key, width, height, parts, findings, home = null }) {
    const scene = this.scene;
    const other = scene.key !== key || scene.width !== width;
    Object.assign(scene, { key, width, height });
    if (other) this.showBitmap(null);
    scene.parts = parts.map((part) => ({ ...part, path: pathOf(part.mask.polygons) }));
    scene.findings = findings.map((finding) => ({ ...finding, path: pathOf(finding.mask.polygons), top: top(finding.mask.polygons) }));
    const pointed = scene.hovered?.id; // the pointer has not moved because something else changed
    scene.hovered = [...scene.findings, ...scene.parts].find((thing) => thing.id === pointed) ?? null;
    if (other) scene.drawing = null;
    if (other || String(home) !== String(this.viewport.home)) this.viewport.show(width, height, home);
    this.draw();
  }

  /** The photo's pixels, which come later than what was found on it. */
  showBitmap(bitmap) {
    this.element.setAttribute("aria-busy", String(!bitmap));
    this.set({ bitmap });
  }

  set(changes) {
    Object.assign(this.scene, changes);
    this.draw();
  }

  /** Mark a finding as if the pointer were on it. */
  point(id) {
    this.set({ hovered: this.scene.findings.find((one) => one.id === id) ?? null });
  }

  /** Bring a finding into view if it is not in it. */
  reveal(id) {
    const finding = this.scene.findings.find((one) => one.id === id);
    if (!finding || this.viewport.fits) return;
    const [left, top] = this.viewport.toScreen(finding.box[0], finding.box[1]);
    const [right, bottom] = this.viewport.toScreen(finding.box[2], finding.box[3]);
    const seen = left > 0 && top > 0 && right < this.viewport.width && bottom < this.viewport.height;
    if (!seen) this.viewport.focus(finding.box);
    this.draw();
  }

  /** Draw an outline, from `polygons` if there are any. */
  startDrawing(damage, polygons = []) {
    const { width, height } = this.scene;
    const tolerance = 1.5 / this.viewport.scale;
    this.set({ drawing: new Drawing(colour(damage), { polygons, tolerance, width, height }), hovered: null });
    this.bubble.hidden = true;
    this.element.focus({ preventScroll: true });
  }

  recolour(damage) {
    this.scene.drawing.colour = colour(damage);
    this.draw();
  }

  stopDrawing() {
    this.set({ drawing: null });
  }

  zoom(factor) {
    this.viewport.zoom(factor);
    this.draw();
  }

  fit() {
    this.viewport.fit();
    this.draw();
  }

  zoomButtons() {
    const stop = (event) => event.stopPropagation(); // what is done to a button is not done to the photo below it
    const tool = (picture, words, work) => h("button.tool", { type: "button", "aria-label": words, title: words, onclick: work }, icon(picture));
    return h(
      "div.zoom",
      { role: "group", "aria-label": "Zoom", onpointerdown: stop, onpointermove: stop, ondblclick: stop },
      tool("plus", "Zoom in", () => this.zoom(1.5)),
      tool("minus", "Zoom out", () => this.zoom(1 / 1.5)),
      tool("fit", "Whole photo", () => this.fit()),
    );
  }

  close() {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
  }

  resize() {
    const { width, height } = this.element.getBoundingClientRect();
    if (!width || !height) return;
    this.ratio = devicePixelRatio || 1;
    this.canvas.width = Math.round(width * this.ratio);
    this.canvas.height = Math.round(height * this.ratio);
    this.viewport.resize(width, height);
    this.paint(); // at once: a canvas is blank after its size was set
  }

  draw() {
    this.element.classList.toggle("still", !this.viewport.moved);
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.paint();
    });
  }

  paint() {
    paint(this.context, this, this.ratio ?? 1, this.scene);
  }

  /** The finding or part at a point of the photo: the smallest finding there, else the smallest part. */
  at([x, y]) {
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    const hit = (things) =>
      things.filter((thing) => this.context.isPointInPath(thing.path, x, y)).sort((a, b) => a.area_share - b.area_share)[0];
    const { showDamage, showParts, findings, parts } = this.scene;
    return (showDamage && hit(findings)) || (showParts && hit(parts)) || null;
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const { drawing } = this.scene;
    if (move && drawing) this.moveCursor(move, event.shiftKey);
    else if (move) this.viewport.pan(-move[0] * STEP, -move[1] * STEP);
    else if (event.key === "+" || event.key === "=") this.viewport.zoom(1.4);
    else if (event.key === "-") this.viewport.zoom(1 / 1.4);
    else if (event.key === "0") this.viewport.fit();
    else if (drawing && event.key === " ") this.setCorner();
    else if (drawing && (event.key === "Backspace" || event.key === "Delete")) drawing.removeCorner();
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (drawing) this.ondraw();
    this.draw();
  }

  moveCursor([dx, dy], far) {
    const { drawing } = this.scene;
    const length = (far ? 40 : 8) / this.viewport.scale;
    const [x, y] = drawing.cursor ?? this.viewport.toPhoto(this.viewport.width / 2, this.viewport.height / 2);
    drawing.cursor = drawing.inside([x + dx * length, y + dy * length]);
  }

  setCorner() {
    const { drawing } = this.scene;
    drawing.cursor ??= this.viewport.toPhoto(this.viewport.width / 2, this.viewport.height / 2);
    drawing.add(drawing.cursor, 0);
  }
}
