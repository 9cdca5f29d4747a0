// Which part of a photo is seen: a scale and an offset. screen = photo * scale + offset, all in CSS pixels.

const MOST = 24; // screen pixels per photo pixel
const MARGIN = 12; // CSS pixels around a photo that fits

export class Viewport {
  constructor() {
    // home: the box that is shown until a hand moves the photo; null: all of it.
    Object.assign(this, { scale: 1, x: 0, y: 0, width: 1, height: 1, photoWidth: 1, photoHeight: 1, home: null, moved: false });
  }

  get fitting() {
    const across = (this.width - 2 * MARGIN) / this.photoWidth;
    const down = (this.height - 2 * MARGIN) / this.photoHeight;
    return Math.max(0.01, Math.min(across, down));
  }

  get fits() {
    return this.scale <= this.fitting * 1.001;
  }

  /** The space on screen changed: what nobody moved is shown anew, a photo seen whole still is, else the middle stays. */
  resize(width, height) {
    if (!this.moved) {
      Object.assign(this, { width, height });
      return this.goHome();
    }
    const whole = this.fits;
    const middle = this.toPhoto(this.width / 2, this.height / 2);
    Object.assign(this, { width, height });
    if (whole) return this.fit();
    this.x = width / 2 - middle[0] * this.scale;
    this.y = height / 2 - middle[1] * this.scale;
    this.settle();
  }

  show(photoWidth, photoHeight, home = null) {
    Object.assign(this, { photoWidth, photoHeight, home });
    this.goHome();
  }

  goHome() {
    if (this.home) this.focus(this.home, 3);
    else this.fit();
    this.moved = false;
  }

  fit() {
    this.moved = Boolean(this.home);
    this.scale = this.fitting;
    this.settle();
  }

  /** Zoom by a factor about a point on screen. */
  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const [px, py] = this.toPhoto(x, y);
    this.moved = true;
    this.scale = Math.min(Math.max(this.scale * factor, this.fitting), Math.max(MOST, this.fitting));
    this.x = x - px * this.scale;
    this.y = y - py * this.scale;
    this.settle();
  }

  pan(dx, dy) {
    this.moved = true;
    this.x += dx;
    this.y += dy;
    this.settle();
  }

  /** Bring a box (photo pixels) into view; `room`: how much is seen, as sides of the box, so that it has surroundings. */
  focus([left, top, right, bottom], room = 2.2) {
    this.moved = true;
    const across = this.width / ((right - left) * room), down = this.height / ((bottom - top) * room);
    this.scale = Math.min(Math.max(Math.min(across, down), this.fitting), Math.max(MOST, this.fitting));
    this.x = this.width / 2 - ((left + right) / 2) * this.scale;
    this.y = this.height / 2 - ((top + bottom) / 2) * this.scale;
    this.settle();
  }

  toPhoto(x, y) {
    return [(x - this.x) / this.scale, (y - this.y) / this.scale];
  }

  toScreen(x, y) {
    return [x * this.scale + this.x, y * this.scale + this.y];
  }

  /** Keep the photo on screen: centred along a side it does not fill, without a gap along one it does. */
  settle() {
    this.x = within(this.x, this.width, this.photoWidth * this.scale);
    this.y = within(this.y, this.height, this.photoHeight * this.scale);
  }
}

function within(offset, space, length) {
  if (length <= space - 2 * MARGIN) return (space - length) / 2;
  return Math.min(MARGIN, Math.max(space - length - MARGIN, offset));
}
