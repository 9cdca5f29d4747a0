// Pixels of photos: fetched once with the token, decoded for a canvas, small for rows and the strip.

const KEPT = 8; // decoded photos; a whole one of 12 megapixels takes 48 MB

export class Photos {
  constructor(state) {
    this.state = state;
    this.bitmaps = new Map();
    this.thumbnails = new Map();
  }

  /** The photo as an ImageBitmap, made smaller where its longer side has more pixels than `longest`. */
  async bitmap(id, longest = Infinity) {
    const key = `${id} ${longest}`;
    let bitmap = this.bitmaps.get(key);
    if (bitmap) this.bitmaps.delete(key); // to the end: used last
    else bitmap = this.load(id, longest);
    this.bitmaps.set(key, bitmap);
    bitmap.catch(() => this.bitmaps.delete(key));
    for (const old of [...this.bitmaps.keys()].slice(0, -KEPT)) {
      this.bitmaps.get(old).then((one) => one.close(), () => {});
      this.bitmaps.delete(old);
    }
    return bitmap;
  }

  async load(id, longest) {
    const blob = await this.state.api.blob(`${this.path(id)}/photo`, { signal: this.state.signal });
    const { width, height } = this.state.photo(id) ?? { width: 0, height: 0 };
    const scale = longest / Math.max(width, height);
    return createImageBitmap(blob, scale < 1 ? { resizeWidth: Math.round(width * scale), resizeHeight: Math.round(height * scale), resizeQuality: "high" } : {});
  }

  /** A URL of a small picture, 320 pixels at its longer side. */
  thumbnail(id) {
    if (!this.thumbnails.has(id)) {
      const made = this.state.api.blob(`${this.path(id)}/thumbnail`, { signal: this.state.signal }).then((blob) => URL.createObjectURL(blob));
      made.catch(() => this.thumbnails.delete(id));
      this.thumbnails.set(id, made);
    }
    return this.thumbnails.get(id);
  }

  path(id) {
    return `${this.state.path}/images/${encodeURIComponent(id)}`;
  }

  close() {
    for (const url of this.thumbnails.values()) url.then(URL.revokeObjectURL, () => {});
    for (const bitmap of this.bitmaps.values()) bitmap.then((one) => one.close(), () => {});
  }
}
