// Photos on their way to the service: a few at a time, with progress, again and again under the same key.

import { Problem, Unreachable, pause, waitBefore } from "../shared/api.js";
import { forget, keep, kept } from "./outbox.js";
import { token, uuid } from "../shared/settings.js";
import { shrink } from "./shrink.js";
import { largestBody } from "../shared/words.js";

const AT_ONCE = 2;
const FRAME = 2000; // bytes of a form around its photo

/** One photo: `state` is waiting, sending, pausing (the network failed, another try follows) or failed (with `problem`). */
class Upload {
  constructor(item) {
    Object.assign(this, { ...item, state: "waiting", share: 0, problem: "" });
    this.size = this.file.size;
  }
}

export class Uploads {
  /** `onchange()` after every step; `onstored()` once the service acknowledged a photo. */
  constructor(api, inspection, { onchange, onstored, signal }) {
    Object.assign(this, { api, inspection, onchange, onstored, signal, list: [], running: 0 });
  }

  /** Take up what an earlier visit left. */
  async resume() {
    const known = new Set(this.list.map((upload) => upload.key));
    this.enqueue((await kept(this.inspection)).filter((item) => !known.has(item.key)));
  }

  async add(files) {
    const items = [...files].map((file) => ({ key: uuid(), inspection: this.inspection, name: file.name, file }));
    await Promise.all(items.map(keep));
    this.enqueue(items);
  }

  /** Try a failed or pausing upload at once. */
  again(upload) {
    if (upload.state === "pausing") upload.wake?.abort();
    if (upload.state === "failed") {
      Object.assign(upload, { state: "waiting", problem: "" });
      this.next();
    }
  }

  async drop(upload) {
    await forget(upload.key);
    this.remove(upload);
  }

  enqueue(items) {
    this.list.push(...items.map((item) => new Upload(item)));
    this.next();
  }

  next() {
    this.onchange();
    if (this.signal.aborted) return;
    const waiting = this.list.filter((upload) => upload.state === "waiting");
    for (const upload of waiting.slice(0, AT_ONCE - this.running)) {
      this.running += 1;
      this.send(upload).finally(() => {
        this.running -= 1;
        this.next();
      });
    }
  }

  async send(upload) {
    if (upload.size + FRAME > largestBody()) await this.shrink(upload);
    for (let tries = 1; !this.signal.aborted; tries++) {
      Object.assign(upload, { state: "sending", share: 0, problem: "" });
      this.onchange();
      try {
        await this.transfer(upload);
        await forget(upload.key);
        this.remove(upload);
        this.onstored();
        return;
      } catch (error) {
        if (error.status === 401) {
          await this.api.authenticate();
        } else if (error.passing) {
          Object.assign(upload, { state: "pausing", problem: error.message, wake: new AbortController() });
          this.onchange();
          await pause(waitBefore(tries, error.retryAfter), AbortSignal.any([this.signal, upload.wake.signal]));
        } else {
          Object.assign(upload, { state: "failed", problem: error.message });
          this.onchange();
          return;
        }
      }
    }
  }

  /** Make a photo smaller that is too large for the service; what is no photo stays, and is refused there. */
  async shrink(upload) {
    const smaller = await shrink(upload.file).catch(() => null);
    if (!smaller || smaller.size >= upload.file.size) return;
    // Kept instead of the large one, so that another try after a reload sends the same bytes under the same key.
    await keep({ key: upload.key, inspection: upload.inspection, name: upload.name, file: smaller });
    upload.file = smaller;
  }

  /** One try. XMLHttpRequest, because fetch does not tell how far an upload is. */
  transfer(upload) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const form = new FormData();
      form.append("photo", upload.file, upload.name);
      request.open("POST", `v1/inspections/${this.inspection}/images`);
      request.responseType = "json";
      request.setRequestHeader("Idempotency-Key", upload.key);
      if (token()) request.setRequestHeader("Authorization", `Bearer ${token()}`);
      request.upload.onprogress = (event) => {
        upload.share = event.total ? event.loaded / event.total : 0;
        this.onchange();
      };
      request.onload = () => {
        this.api.link(true);
        if (request.status < 300) return resolve();
        const retryAfter = Number(request.getResponseHeader("Retry-After")) || 0;
        reject(new Problem(request.status, request.response ?? {}, retryAfter));
      };
      request.onerror = () => {
        this.api.link(false);
        reject(new Unreachable());
      };
      this.signal.addEventListener("abort", () => request.abort(), { once: true });
      request.send(form);
    });
  }

  remove(upload) {
    this.list = this.list.filter((one) => one !== upload);
    this.onchange();
  }
}
