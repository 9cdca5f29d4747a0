// Edits on their way to the service: one after the other, each under a key of its own, kept until acknowledged.

import { pause, waitBefore } from "../shared/api.js";
import { remember, remembered, uuid } from "../shared/settings.js";

export class EditQueue {
  /** `onsaved(edit, answer)` once acknowledged; `onrefused(error)` if the service says no: that edit is dropped. */
  constructor(api, path, { onchange, onsaved, onrefused, signal }) {
    Object.assign(this, { api, path, onchange, onsaved, onrefused, signal, waiting: [], running: false });
  }

  get size() {
    return this.waiting.length;
  }

  /** Whether a finding, given as {photo, finding}, has an edit that is not yet saved. */
  touches({ photo, finding }) {
    return this.waiting.some(({ image, body }) =>
      image ? image === photo && body.finding_id === finding : body.observations?.some((one) => one.photo === photo && one.finding === finding),
    );
  }

  /** `image`: whose finding is edited; null: damages are. */
  push(image, body) {
    this.waiting.push({ key: uuid(), image, body });
    this.keep();
    this.run();
  }

  /** Take up what an earlier visit left unsaved. */
  resume() {
    this.waiting.push(...remembered(this.path, []));
    this.run();
  }

  async run() {
    if (this.running) return;
    this.running = true;
    for (let tries = 1; this.waiting.length && !this.signal.aborted; ) {
      this.onchange();
      const [edit] = this.waiting;
      const { key, image, body } = edit;
      try {
        const response = await this.api.fetch(`${this.path}${image ? `/images/${encodeURIComponent(image)}` : ""}/events`, {
          method: "POST",
          headers: { "Content-Type": "application/json", "Idempotency-Key": key },
          body: JSON.stringify(body),
        });
        const answer = await response.json();
        this.done();
        this.onsaved(edit, answer);
        tries = 1;
      } catch (error) {
        if (error.passing) await pause(waitBefore(tries++, error.retryAfter), this.signal);
        else {
          this.done();
          this.onrefused(error);
        }
      }
    }
    this.running = false;
    this.onchange();
  }

  done() {
    this.waiting.shift();
    this.keep();
  }

  keep() {
    remember(this.path, this.waiting);
  }
}
