// A damage outline being drawn: pieces of corners in photo pixels, one piece and one corner at hand.

import { area, corners, flat, nearest, simplify } from "./geometry.js";

const SMALLEST = 4; // square photo pixels of a piece that counts

export class Drawing {
  /** Draw anew, or start from `polygons` with as few corners as a tolerance in photo pixels allows. */
  constructor(colour, { polygons = [], tolerance = 1.5, width, height }) {
    Object.assign(this, { colour, width, height, cursor: null, corner: -1 });
    this.pieces = polygons.map((polygon) => simplify(corners(polygon), tolerance)).filter((piece) => piece.length > 2);
    if (!this.pieces.length) this.pieces.push([]);
    this.piece = 0;
    this.past = [];
  }

  get current() {
    return this.pieces[this.piece];
  }

  /** Whether there is something to keep. */
  get complete() {
    return this.pieces.some(closed);
  }

  polygons() {
    return this.pieces.filter(closed).map(flat);
  }

  /** Put a corner at p: on the outline's edge if that is within `reach`, else after the last one. */
  add(p, reach) {
    this.note();
    const point = this.inside(p);
    const at = this.edgeAt(point, reach);
    this.current.splice(at, 0, point);
    this.corner = at;
  }

  /** The corner within `reach` of p becomes the one at hand; its piece too. -1: none is near. */
  take(p, reach) {
    let best = reach ** 2, found = -1;
    this.pieces.forEach((piece, index) =>
      piece.forEach(([x, y], i) => {
        const distance = (x - p[0]) ** 2 + (y - p[1]) ** 2;
        if (distance < best) [best, found, this.piece] = [distance, i, index];
      }),
    );
    if (found >= 0) this.corner = found;
    return found;
  }

  /** A move of the corner at hand starts: it is taken back as one step. */
  hold() {
    this.note();
  }

  move(p) {
    if (this.corner >= 0) this.current[this.corner] = this.inside(p);
  }

  removeCorner() {
    if (!this.current.length) return;
    this.note();
    const at = this.corner >= 0 && this.corner < this.current.length ? this.corner : this.current.length - 1;
    this.current.splice(at, 1);
    this.corner = Math.min(at, this.current.length) - 1;
  }

  anotherPiece() {
    if (!closed(this.current)) return;
    this.note();
    this.pieces.push([]);
    this.piece = this.pieces.length - 1;
    this.corner = -1;
  }

  afresh() {
    this.note();
    Object.assign(this, { pieces: [[]], piece: 0, corner: -1 });
  }

  stepBack() {
    if (this.past.length) Object.assign(this, this.past.pop(), { corner: -1 });
  }

  note() {
    this.past.push({ pieces: structuredClone(this.pieces), piece: this.piece });
  }

  inside([x, y]) {
    return [Math.min(Math.max(x, 0), this.width), Math.min(Math.max(y, 0), this.height)];
  }

  edgeAt(p, reach) {
    const piece = this.current;
    let best = reach ** 2, at = piece.length;
    for (let i = 0; piece.length > 2 && i < piece.length; i++) {
      const { distance } = nearest(p, piece[i], piece[(i + 1) % piece.length]);
      if (distance < best) [best, at] = [distance, i + 1];
    }
    return at;
  }
}

function closed(piece) {
  return piece.length > 2 && area(piece) >= SMALLEST;
}
