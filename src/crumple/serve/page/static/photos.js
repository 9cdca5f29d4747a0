// Pixels of photos: fetched once with the token, decoded for the canvas, small for the strip.

const KEPT = 6; // decoded photos; one of 12 megapixels takes 48 MB
const THUMBNAIL = 192; // pixels of the longer side

export class Photos {
  constructor(state) {
    this.state = state;
    this.bitmaps = new Map();
    this.thumbnails = new Map();
    this.line = Promise.resolve();
  }

  /** The photo as an ImageBitmap. */
  async bitmap(id) {
    let bitmap = this.bitmaps.get(id);
    if (bitmap) this.bitmaps.delete(id); // to the end: used last
    else bitmap = this.load(id);
    this.bitmaps.set(id, bitmap);
    bitmap.catch(() => this.bitmaps.delete(id));
    for (const old of [...this.bitmaps.keys()].slice(0, -KEPT)) {
      this.bitmaps.get(old).then((one) => one.close(), () => {});
      this.bitmaps.delete(old);
    }
    return bitmap;
  }

  async load(id) {
    const path = `${this.state.path}/images/${encodeURIComponent(id)}/photo`;
    const blob = await this.state.api.blob(path, { signal: this.state.signal });
    return createImageBitmap(blob);
  }

  /** A URL of a small picture; made one after the other, so that many photos do not come at once. */
  thumbnail(id) {
    if (!this.thumbnails.has(id)) {
      const made = this.line.then(() => this.small(id));
      this.line = made.catch(() => {});
      made.catch(() => this.thumbnails.delete(id));
      this.thumbnails.set(id, made);
    }
    return this.thumbnails.get(id);
  }

  async small(id) {
    const bitmap = await this.bitmap(id);
    const scale = Math.min(1, THUMBNAIL / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
    return URL.createObjectURL(blob);
  }

  async close() {
    for (const url of this.thumbnails.values()) url.then(URL.revokeObjectURL, () => {});
    for (const bitmap of this.bitmaps.values()) bitmap.then((one) => one.close(), () => {});
  }
}
