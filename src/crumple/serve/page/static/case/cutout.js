// A damage cut out of a photo's thumbnail, with its box.

import { h } from "../shared/dom.js";

const LEAST = 0.24; // of the photo's longer side that is shown at least: a thumbnail has no more pixels
const AROUND = 1.9; // sides of the box that are shown

/** The best sight of a damage; a grey field until the thumbnail is there. */
export function cutout(damage, { state, thumbnails }) {
  const [{ photo: id, box }] = damage.observations;
  const photo = state.photo(id);
  const url = thumbnails.get(id);
  if (!photo || !url) return h("span.cutout");
  const { width, height } = photo;
  const side = Math.min(Math.max(box[2] - box[0], box[3] - box[1], LEAST * Math.max(width, height) / AROUND) * AROUND, width, height);
  const left = within((box[0] + box[2] - side) / 2, width - side), top = within((box[1] + box[3] - side) / 2, height - side);
  const share = (value) => `${(100 * value) / side}%`;
  return h(
    "span.cutout",
    {},
    h("img", { alt: "", src: url, style: { width: share(width), height: share(height), left: share(-left), top: share(-top) } }),
    h("span.box", { style: { left: share(box[0] - left), top: share(box[1] - top), width: share(box[2] - box[0]), height: share(box[3] - box[1]) } }),
  );
}

function within(value, most) {
  return Math.min(Math.max(value, 0), most);
}
