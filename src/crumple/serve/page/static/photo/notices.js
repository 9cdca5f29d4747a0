// What is to be said about the photo on the canvas: on its way, failed, hard to judge and how to take it again.

import { changed, fill, h, icon } from "../shared/dom.js";
import { capital, retake } from "../shared/words.js";

export function fillNotices(element, page) {
  const { photo } = page;
  const notices = [];
  if (!photo && !page.uploads.list.length) notices.push(h("p.invite", {}, h("span.mouse", {}, "No photos yet. Drop them anywhere on this page, or add them above."), h("span.touch", {}, "No photos yet. Add them above.")));
  if (photo?.status === "failed") notices.push(notice("bad", "Not assessed", photo.problem));
  if (["queued", "assessing"].includes(photo?.status)) notices.push(h("p.notice", {}, h("span.spinner"), h("span", {}, "This photo is being assessed.")));
  for (const check of photo?.quality.filter((one) => !one.ok) ?? []) notices.push(notice("warn", capital(check.text), retake(check.name)));
  if (photo?.otherVehicle) notices.push(notice("warn", "Another vehicle?", "This photo seems to show another vehicle than the rest."));
  if (photo && page.view.model) notices.push(modelNotice(page));
  // Said anew only when it is something else: screen readers read out whatever is put in.
  if (changed(element, notices.map((one) => one.textContent))) fill(element, notices);
}

function notice(kind, heading, words) {
  return h(`p.notice.${kind}`, {}, icon("warning"), h("span", {}, h("b", {}, `${heading}. `), words));
}

function modelNotice(page) {
  return h(
    "p.notice",
    {},
    h("span", {}, h("b", {}, "The model’s own answer, "), "before any review. It is never changed. "),
    h("button.plain", { type: "button", onclick: () => page.toggle("model") }, "Back to the review"),
  );
}
