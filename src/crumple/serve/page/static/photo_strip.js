// The photos of an inspection as a strip: thumbnails, what became of them, and those still on their way.

import { fill, h, icon } from "./dom.js";
import { count } from "./words.js";

const STATUS = { queued: "waiting to be assessed", assessing: "being assessed", failed: "could not be assessed" };

export function fillStrip(element, { photos, uploads, current, thumbnails }, act) {
  return fill(
    element,
    h("ol", {}, photos.map((photo, i) => photoItem(photo, i, photo.id === current, thumbnails, act)), uploads.map((one) => uploadItem(one, act))),
  );
}

function photoItem(photo, i, current, thumbnails, act) {
  const picture = h("img", { alt: "", src: thumbnails.get(photo.id) });
  const open = photo.findings.filter((finding) => finding.review !== "rejected").length;
  const bad = photo.quality.filter((check) => !check.ok);
  const words = STATUS[photo.status] ?? (photo.assessment ? count(open, "finding") : "");
  return h(
    "li",
    {},
    h(
      `button.thumbnail.${photo.status}`,
      {
        type: "button",
        "data-key": `photo ${photo.id}`,
        "aria-current": current && "true",
        "aria-label": `Photo ${i + 1}, ${photo.name}: ${words}${bad.length ? `; ${bad.map((one) => one.text).join(", ")}` : ""}`,
        onclick: () => act.open(photo.id),
      },
      thumbnails.has(photo.id) ? picture : h("span.blank"),
      h("span.index", {}, String(i + 1)),
      bad.length > 0 && h("span.flag", {}, icon("warning")),
      photo.status === "done" ? open > 0 && h("span.tally", {}, String(open)) : h("span.state", {}, photo.status === "failed" ? "failed" : h("span.spinner"), photo.status === "failed" ? null : photo.status),
    ),
  );
}

function uploadItem(upload, act) {
  const words = {
    waiting: "waiting to be sent",
    sending: upload.share < 1 ? `sending, ${Math.round(upload.share * 100)} %` : "being stored",
    pausing: "will be sent again",
    failed: upload.problem,
  }[upload.state];
  return h(
    `li.upload.${upload.state}`,
    {},
    h("p.name", { title: upload.name }, upload.name),
    upload.state === "failed" ? null : h("progress", { max: 1, value: upload.share, "aria-label": `Upload of ${upload.name}` }),
    h("p.words", {}, words),
    (upload.state === "failed" || upload.state === "pausing") &&
      h(
        "p.buttons",
        {},
        h("button.plain", { type: "button", "data-key": `again ${upload.key}`, "aria-label": `Send ${upload.name} again now`, onclick: () => act.again(upload) }, "Try now"),
        h("button.plain", { type: "button", "data-key": `drop ${upload.key}`, "aria-label": `Do not send ${upload.name}`, onclick: () => act.drop(upload) }, "Remove"),
      ),
  );
}
