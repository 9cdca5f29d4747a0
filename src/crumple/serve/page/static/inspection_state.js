// One inspection as this tab knows it: read from the service, kept in step by its stream, edited through a queue.

import { EditQueue } from "./edit_queue.js";
import { follow } from "./stream.js";

export class InspectionState {
  /**
   * `onchange()` whenever anything changed; `ongone()` when the inspection was deleted; `onsaved(event)` and
   * `onrefused(error)` for an edit of this tab.
   */
  constructor(api, id, { onchange, ongone, onsaved, onrefused, signal }) {
    Object.assign(this, { api, id, onchange, ongone, signal });
    this.path = `v1/inspections/${encodeURIComponent(id)}`;
    this.inspection = null;
    this.images = new Map();
    this.events = [];
    this.reading = new Map();
    this.edits = new EditQueue(api, this.path, {
      onchange,
      onrefused: (error) => (onrefused(error), this.read()),
      onsaved: async (event) => {
        this.note(event);
        await this.readImage(event.image_id).catch(() => {});
        onsaved(event);
      },
      signal,
    });
  }

  /** Photos in the order in which they came; one whose findings are still being read has none yet. */
  get photos() {
    return (this.inspection?.images ?? []).map((summary) => ({ findings: [], quality: [], ...this.images.get(summary.id), ...summary }));
  }

  get finished() {
    return this.inspection?.review.state === "finished";
  }

  async start() {
    await this.read();
    this.edits.resume();
    follow(this.api, `${this.path}/stream`, {
      ontell: (event, data) => this.told(event, data),
      onopen: () => this.read().catch(() => {}),
      signal: this.signal,
    }).catch(() => this.ongone());
  }

  /** Read all of it; two calls at a time read once more, not twice. */
  read() {
    return this.once("", async () => {
      const [inspection, events] = await Promise.all([
        this.api.get(this.path, { signal: this.signal }),
        this.api.all(`${this.path}/events`),
      ]);
      Object.assign(this, { inspection, events });
      this.onchange();
      await Promise.all(inspection.images.map((image) => this.readImage(image.id)));
    });
  }

  readImage(id) {
    return this.once(id, async () => {
      const image = await this.api.get(`${this.path}/images/${encodeURIComponent(id)}`, { signal: this.signal });
      this.images.set(id, image);
      const summaries = this.inspection.images;
      const at = summaries.findIndex((one) => one.id === id);
      if (at >= 0) summaries[at] = { ...summaries[at], status: image.status, problem: image.problem };
      this.onchange();
    });
  }

  /** What the service tells of: an image's new status, an edit by anyone, the review's state. */
  told(kind, data) {
    if (kind === "deleted") return this.ongone();
    const image = data.image_id ?? (kind === "image" ? data.id : null);
    if (data.number) this.note(data);
    if (image && this.inspection.images.some((one) => one.id === image)) this.readImage(image).catch(() => {});
    else this.read().catch(() => {});
  }

  note(event) {
    if (this.events.some((one) => one.id === event.id)) return;
    this.events = [...this.events, event].sort((a, b) => a.number - b.number);
    this.onchange();
  }

  async review(state, author) {
    this.inspection = await this.api.post(`${this.path}/review`, { state, author });
    await this.read();
  }

  /** Ids of the events that are taken back. An undo can be undone too, so they are read from the end. */
  get undone() {
    const gone = new Set();
    for (const event of this.events.toReversed()) if (event.kind === "undo" && !gone.has(event.id)) gone.add(event.undoes);
    return gone;
  }

  /** The last edit that still stands. */
  get undoable() {
    const { undone } = this;
    return this.events.findLast((event) => event.image_id && event.kind !== "undo" && !undone.has(event.id)) ?? null;
  }

  /** Run `work` unless it is running; then once more after it, for whatever changed meanwhile. */
  once(key, work) {
    const running = this.reading.get(key);
    if (running) {
      running.again ??= running.done.catch(() => {}).then(() => this.once(key, work));
      return running.again;
    }
    const entry = {};
    entry.done = work().finally(() => this.reading.delete(key));
    this.reading.set(key, entry);
    return entry.done;
  }
}
