// How a hand moves the photo: mouse, pen and fingers; what lies under it, and the corners of a drawing.

const TAP = 6; // CSS pixels that a tap may slip
const REACH = { mouse: 9, pen: 12, touch: 22 }; // CSS pixels within which a corner is meant

export class Gestures {
  constructor(viewer) {
    this.viewer = viewer;
    this.pointers = new Map(); // id: where it is
    this.gesture = null;
    this.told = null; // what the bubble tells of
    const on = (type, work, options) => viewer.element.addEventListener(type, work.bind(this), options);
    on("wheel", this.wheel, { passive: false });
    on("pointerdown", this.down);
    on("pointermove", this.moved);
    on("pointerup", this.up);
    on("pointercancel", this.up);
    on("pointerleave", this.left);
    on("dblclick", this.twice);
  }

  twice(event) {
    const { viewport, scene } = this.viewer;
    if (scene.drawing) return;
    if (viewport.fits) viewport.zoom(2.5, ...this.place(event));
    else viewport.fit();
    this.viewer.draw();
  }

  place(event) {
    const { left, top } = this.viewer.element.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 30 : 1;
    const speed = event.ctrlKey ? 0.01 : 0.0022; // a pinch on a touchpad arrives as a wheel with Ctrl
    this.viewer.viewport.zoom(Math.exp(-event.deltaY * lines * speed), ...this.place(event));
    this.viewer.draw();
  }

  down(event) {
    if (event.button > 1) return;
    const place = this.place(event);
    this.viewer.element.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, place);
    this.gesture = { start: place, moved: false, pinched: this.pointers.size > 1 || this.gesture?.pinched, corner: -1 };
    const { drawing } = this.viewer.scene;
    if (drawing && this.pointers.size === 1 && event.button === 0) {
      const reach = REACH[event.pointerType] ?? REACH.touch;
      this.gesture.corner = drawing.take(this.viewer.viewport.toPhoto(...place), reach / this.viewer.viewport.scale);
      this.viewer.draw();
    }
  }

  moved(event) {
    const place = this.place(event);
    const before = this.pointers.get(event.pointerId);
    if (!before) return this.hover(place, event.pointerType);
    if (this.pointers.size === 2) this.pinch(event.pointerId, place);
    else this.drag(before, place);
    this.pointers.set(event.pointerId, place);
    this.viewer.draw();
  }

  drag(before, place) {
    const { gesture } = this;
    const slip = Math.hypot(place[0] - gesture.start[0], place[1] - gesture.start[1]);
    if (!gesture.moved && slip < TAP) return;
    if (!gesture.moved && gesture.corner >= 0) this.viewer.scene.drawing.hold();
    gesture.moved = true;
    if (gesture.corner >= 0) this.viewer.scene.drawing.move(this.viewer.viewport.toPhoto(...place));
    else this.viewer.viewport.pan(place[0] - before[0], place[1] - before[1]);
  }

  pinch(id, place) {
    const other = [...this.pointers].find(([one]) => one !== id)[1], before = this.pointers.get(id);
    const apart = (a) => Math.hypot(a[0] - other[0], a[1] - other[1]);
    this.gesture.pinched = true;
    this.viewer.viewport.pan((place[0] - before[0]) / 2, (place[1] - before[1]) / 2);
    this.viewer.viewport.zoom(apart(place) / Math.max(apart(before), 1), (place[0] + other[0]) / 2, (place[1] + other[1]) / 2);
  }

  up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    const { gesture } = this;
    if (this.pointers.size) return;
    const tapped = event.type === "pointerup" && !gesture.moved && !gesture.pinched && event.button === 0;
    this.gesture = null;
    if (tapped) this.tap(this.viewer.viewport.toPhoto(...this.place(event)), REACH[event.pointerType] ?? REACH.touch);
    else if (this.viewer.scene.drawing) this.viewer.ondraw();
  }

  tap(point, reach) {
    const { drawing } = this.viewer.scene;
    if (!drawing) {
      const thing = this.viewer.at(point);
      this.viewer.onselect(isFinding(thing) ? thing.id : null);
      if (thing && !isFinding(thing)) this.viewer.onpart(thing.label);
      return;
    }
    if (drawing.take(point, reach / this.viewer.viewport.scale) < 0) drawing.add(point, reach / this.viewer.viewport.scale);
    drawing.cursor = null;
    this.viewer.ondraw();
    this.viewer.draw();
  }

  hover(place, kind) {
    if (this.viewer.scene.drawing || kind === "touch") return;
    const thing = this.viewer.at(this.viewer.viewport.toPhoto(...place));
    if (thing !== this.viewer.scene.hovered) {
      this.viewer.set({ hovered: thing });
      this.viewer.onhover(isFinding(thing) ? thing.id : null);
    }
    // The table points at findings too, so what is marked may not be what the bubble tells of.
    if (thing && thing !== this.told) this.viewer.bubble.replaceChildren(...this.viewer.tip(thing));
    this.told = thing;
    this.viewer.element.classList.toggle("pointing", isFinding(thing));
    this.viewer.bubble.hidden = !thing;
    if (!thing) return;
    const right = place[0] > this.viewer.viewport.width / 2;
    this.viewer.bubble.style.left = right ? "auto" : `${place[0] + 16}px`;
    this.viewer.bubble.style.right = right ? `${this.viewer.viewport.width - place[0] + 16}px` : "auto";
    this.viewer.bubble.style.top = `${Math.min(place[1] + 12, this.viewer.viewport.height - this.viewer.bubble.offsetHeight - 4)}px`;
  }

  left() {
    this.viewer.bubble.hidden = true;
    if (this.viewer.scene.hovered) {
      this.viewer.set({ hovered: null });
      this.viewer.onhover(null);
    }
  }
}

export function isFinding(thing) {
  return Boolean(thing && "damage" in thing);
}
