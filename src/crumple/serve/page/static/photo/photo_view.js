// One photo on its own: all that was found on it, its parts, and the outlines that are drawn on it.

import { tip } from "../case/damage_words.js";
import { h } from "../shared/dom.js";
import { fillNotices } from "./notices.js";
import { Viewer } from "./viewer.js";

const HELP =
  "The photo. Plus and minus zoom, 0 shows all of it, arrow keys move it. While drawing, arrow keys move the " +
  "cross-hair and Space sets a corner. All damages are in the list too.";

export class PhotoView {
  /** `page` has the photo that is open, the damage that is chosen, and what is shown (`view`). */
  constructor(page) {
    this.page = page;
    this.viewer = new Viewer({
      label: HELP,
      onselect: (finding) => page.chooseOnPhoto(finding),
      onpart: (label) => page.filterBy(label, { stay: true }),
      onhover: (finding) => page.point(finding),
      ondraw: () => page.renderBar(),
      tip,
    });
    this.notices = h("div.notices", { role: "status" });
    this.element = h("div.one-photo", {}, this.viewer.element, this.notices);
  }

  async render() {
    const { page, viewer } = this;
    const { photo, view } = page;
    fillNotices(this.notices, page);
    if (!photo) return;
    viewer.set({ selected: page.observedHere?.finding ?? null, showParts: view.parts, showDamage: view.outlines });
    viewer.show({ key: photo.id, width: photo.width, height: photo.height, parts: photo.assessment?.parts ?? [], findings: page.findingsOn(photo) });
    const bitmap = await page.photos.bitmap(photo.id).catch(() => null);
    if (bitmap && page.photo?.id === photo.id && viewer.scene.bitmap !== bitmap) viewer.showBitmap(bitmap);
  }

  close() {
    this.viewer.close();
  }
}
