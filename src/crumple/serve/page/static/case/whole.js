// What a reviewer does to the inspection as a whole: more photos, fewer, what is said of the vehicle, the end of the review.

import { author, choose, confirmed } from "../shared/dialogs.js";
import { tell, tellProblem } from "../shared/toasts.js";
import { count } from "../shared/words.js";
import { askParticulars } from "./particulars.js";

function mayAdd(page) {
  if (page.state.finished) tell("The review is finished. Open it again to add photos.");
  return !page.state.finished;
}

export function addPhotos(page, files) {
  if (mayAdd(page)) return page.uploads.add(files);
}

export function goLive(page) {
  if (mayAdd(page)) location.hash = `#/live/${encodeURIComponent(page.id)}`;
}

export async function deletePhoto(page) {
  const { photo } = page;
  const found = photo.findings.length ? ` and ${count(photo.findings.length, "finding")} on it` : "";
  if (!(await confirmed("Delete this photo?", `Photo ${photo.number}, ${photo.name},${found} will be gone for good.`, "Delete"))) return;
  const name = await author();
  if (!name) return;
  try {
    await page.state.deletePhoto(photo.id, name);
    page.leavePhoto();
    tell(`${photo.name} is deleted.`);
  } catch (error) {
    tellProblem(error);
  }
}

export async function editParticulars(page) {
  for (let typed, problem; ; ) {
    const answer = await askParticulars(page.state.inspection, typed, problem);
    if (!answer || !Object.keys(answer.changes).length) break;
    const name = await author();
    if (!name) break;
    try {
      await page.state.change(answer.changes, name);
      break;
    } catch (error) {
      [typed, problem] = [answer.typed, error.message];
    }
  }
  page.element.querySelector("[data-key=particulars]")?.focus();
}

export async function finishReview(page) {
  const name = await author();
  if (!name) return;
  const body = { state: page.state.finished ? "open" : "finished", author: name };
  try {
    await page.state.review(body);
  } catch (error) {
    if (error.status === 409 && error.field === "undecided") await finishUndecided(page, body);
    else tellProblem(error);
  }
}

/** Some damages are undecided: the service asks, and so does the page. */
async function finishUndecided(page, body) {
  const { undecided } = page.state.inspection.totals;
  const them = undecided === 1 ? "it" : "them";
  const answer = await choose(`${count(undecided, "damage")} undecided`, `What should become of ${them}?`, [
    ["leave", `Leave ${them} undecided`, "The report says so."],
    ["reject", `Reject ${them}`, "As no damage."],
    ["confirm", `Confirm ${them}`, "As damage of this vehicle."],
  ]);
  if (answer) await page.state.review({ ...body, undecided: answer }).catch(tellProblem);
}
