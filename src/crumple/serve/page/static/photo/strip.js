// The photos of an inspection as a strip: thumbnails, what became of them, and those still on their way.

import { changed, fill, h, icon } from "../shared/dom.js";
import { count } from "../shared/words.js";

const STATUS = { queued: "waiting to be assessed", assessing: "being assessed", failed: "could not be assessed" };

/**
 * `current`: the photo that is open; `showing`: ids of those with the damage that is chosen. `thumbnails`: URL by image
 * id, as far as they are there; `open(id)` shows a photo.
 */
export function fillStrip(element, photos, { current, showing, thumbnails, open }) {
  const items = photos.map((photo) => ({
    id: photo.id,
    number: photo.number,
    name: photo.name,
    showing: showing.has(photo.id),
    status: photo.status,
    view: photo.view,
    url: thumbnails.get(photo.id),
    current: photo.id === current,
    read: Boolean(photo.assessment),
    findings: photo.findings.filter((finding) => finding.review !== "rejected").length,
    bad: photo.quality.filter((check) => !check.ok).map((check) => check.text),
  }));
  if (changed(element, items)) fill(element, items.map((item) => photoItem(item, open)));
}

/** Photos on their way; once a list is the same but for shares, only its bars move. */
export function fillUploads(element, uploads) {
  const list = uploads.list.map(({ key, name, state, problem, share }) => ({ key, name, state, problem, whole: share === 1 }));
  if (changed(element, list)) fill(element, uploads.list.map((one) => uploadItem(one, uploads)));
  uploads.list.forEach((one, i) => {
    const bar = element.children[i].querySelector("progress");
    if (!bar) return;
    bar.value = one.share;
    element.children[i].querySelector(".words").textContent = words(one);
  });
}

function photoItem(photo, open) {
  const words = STATUS[photo.status] ?? (photo.read ? count(photo.findings, "finding") : "");
  return h(
    "li",
    {},
    h(
      `button.thumbnail.${photo.status}${photo.showing ? ".showing" : ""}`,
      {
        type: "button",
        "data-key": `photo ${photo.id}`,
        "aria-current": photo.current && "true",
        title: [photo.name, viewOf(photo)].filter(Boolean).join(", "),
        "aria-label": `Photo ${photo.number}, ${[photo.name, viewOf(photo)].filter(Boolean).join(", ")}: ${words}${photo.bad.length ? `; ${photo.bad.join(", ")}` : ""}`,
        onclick: () => open(photo.id),
      },
      photo.url ? h("img", { alt: "", src: photo.url }) : h("span.blank"),
      h("span.index", {}, String(photo.number)),
      photo.bad.length > 0 && h("span.flag", {}, icon("warning")),
      photo.status === "done" ? photo.findings > 0 && h("span.tally", {}, String(photo.findings)) : state(photo.status),
    ),
    h("span.file", { title: photo.name, "aria-hidden": "true" }, photo.name),
  );
}

/** From where the vehicle is seen: "front left view", or nothing. */
function viewOf(photo) {
  return [null, undefined, "none", "detail"].includes(photo.view) ? "" : `${photo.view.replace("_", " ")} view`;
}

function state(status) {
  return h("span.state", {}, status !== "failed" && h("span.spinner"), status);
}

function words(upload) {
  return {
    waiting: "waiting to be sent",
    sending: upload.share < 1 ? `sending, ${Math.round(upload.share * 100)} %` : "being stored",
    pausing: "will be sent again",
    failed: upload.problem,
  }[upload.state];
}

function uploadItem(upload, uploads) {
  return h(
    `li.upload.${upload.state}`,
    {},
    h("p.name", { title: upload.name }, upload.name),
    upload.state === "failed" ? null : h("progress", { max: 1, value: upload.share, "aria-label": `Upload of ${upload.name}` }),
    h("p.words", {}, words(upload)),
    (upload.state === "failed" || upload.state === "pausing") &&
      h(
        "p.buttons",
        {},
        h("button.plain", { type: "button", "data-key": `again ${upload.key}`, "aria-label": `Send ${upload.name} again now`, onclick: () => uploads.again(upload) }, "Try now"),
        h("button.plain", { type: "button", "data-key": `drop ${upload.key}`, "aria-label": `Do not send ${upload.name}`, onclick: () => uploads.drop(upload) }, "Remove"),
      ),
  );
}
