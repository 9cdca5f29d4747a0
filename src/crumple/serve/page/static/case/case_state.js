// One inspection as this tab knows it: read from the service, kept in step by its stream, edited through a queue.

import { follow } from "../shared/stream.js";
import { EditQueue } from "./edit_queue.js";

const NO_EDITS = new Set(["undo", "particulars_changed", "photo_deleted", "finish", "reopen"]); // events that undo does not take back
const AT_ONCE = 50; // ms between the first and the last event of one edit of several damages

export class CaseState {
  /**
   * `onchange()` whenever anything changed; `ongone()` when the inspection was deleted; `onsaved(edit, events)` and
   * `onrefused(error)` for an edit of this tab.
   */
  constructor(api, id, { onchange, ongone, onsaved, onrefused, signal }) {
    Object.assign(this, { api, id, onchange, ongone, signal });
    this.path = `v1/inspections/${encodeURIComponent(id)}`;
    this.inspection = null;
    this.damages = []; // those of the inspection, each with its number
    this.images = new Map();
    this.events = [];
    this.reading = new Map();
    this.edits = new EditQueue(api, this.path, {
      onchange,
      onrefused: (error) => (onrefused(error), this.read().catch(() => {})),
      onsaved: async (edit, answer) => {
        const events = answer.events ?? [answer];
        if (answer.inspection) this.take(answer.inspection);
        events.forEach((event) => this.note(event));
        await this.after(events).catch(() => {}); // the stream tells of it once more
        onsaved(edit, events);
      },
      signal,
    });
  }

  take(inspection) {
    if (this.inspection?.case_version > inspection.case_version) return; // an answer that was overtaken
    this.inspection = inspection;
    this.damages = inspection.damages.map((damage, i) => ({ ...damage, number: i + 1 }));
    this.byFinding = new Map(this.damages.flatMap((damage) => damage.observations.map((one) => [key(one), damage])));
    this.onchange();
  }

  /** The damage that a finding, {photo, finding}, is an observation of; null: none. */
  damageOf(observed) {
    return (observed && this.byFinding?.get(key(observed))) ?? null;
  }

  /** A damage by its id of now. */
  damage(id) {
    return this.damages.find((damage) => damage.id === id) ?? null;
  }

  /** Photos in the order in which they came, with their numbers; one that is still being read has no findings yet. */
  get photos() {
    const assessed = new Map(this.inspection?.photos.map((photo) => [photo.id, photo]));
    return (this.inspection?.images ?? []).map((summary, i) => ({
      findings: [],
      quality: [],
      number: i + 1,
      ...this.images.get(summary.id),
      ...summary,
      ...(assessed.has(summary.id) && { number: assessed.get(summary.id).number, otherVehicle: assessed.get(summary.id).other_vehicle }),
    }));
  }

  photo(id) {
    return this.photos.find((photo) => photo.id === id) ?? null;
  }

  finding({ photo, finding }) {
    return this.images.get(photo)?.findings.find((one) => one.id === finding) ?? null;
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
  async read() {
    await this.readCase();
    await Promise.all(this.inspection.images.map((image) => this.readImage(image.id)));
  }

  /** The case and its events, without what was found on each photo. */
  readCase() {
    return this.once("", async () => {
      const [inspection, events] = await Promise.all([
        this.api.get(this.path, { signal: this.signal }),
        this.api.all(`${this.path}/events`),
      ]);
      this.events = events;
      this.take(inspection);
      const gone = [...this.images.keys()].filter((id) => !inspection.images.some((image) => image.id === id));
      gone.forEach((id) => this.images.delete(id));
    });
  }

  readImage(id) {
    return this.once(id, async () => {
      const image = await this.api.get(`${this.path}/images/${encodeURIComponent(id)}`, { signal: this.signal });
      this.images.set(id, image);
      this.onchange();
    });
  }

  /** What the service tells of: an image's new status, an edit by anyone, the review's state, the case itself. */
  told(kind, data) {
    if (kind === "deleted") return this.ongone();
    const quietly = (reading) => reading.catch(() => {});
    if (kind === "event" && !this.note(data)) return; // known already: an edit of this tab
    if (kind === "event" && !NO_EDITS.has(data.kind)) return quietly(this.after([data]));
    if (kind === "image") quietly(this.readImage(data.id));
    quietly(kind === "event" ? this.read() : this.readCase());
  }

  /** Read what events have changed: the damages, and the findings of the photos that they were about. */
  after(events) {
    const about = events.map((event) => this.events.find((one) => one.id === event.undoes) ?? event);
    const photos = new Set(about.flatMap((event) => [event.image_id, ...(event.observations ?? []).map((one) => one.photo)]));
    const known = this.inspection.images.filter((image) => photos.has(image.id));
    return Promise.all([this.readCase(), ...known.map((image) => this.readImage(image.id))]);
  }

  /** Add an event to those that are known; false: it was among them. */
  note(event) {
    if (this.events.some((one) => one.id === event.id)) return false;
    this.events = [...this.events, event].sort((a, b) => a.number - b.number);
    this.onchange();
    return true;
  }

  async review(body) {
    this.take(await this.api.post(`${this.path}/review`, body));
    await this.read();
  }

  async change(particulars, author) {
    this.take(await this.api.patch(`${this.path}?author=${encodeURIComponent(author)}`, particulars));
    await this.read();
  }

  async deletePhoto(id, author) {
    await this.api.delete(`${this.path}/images/${encodeURIComponent(id)}?author=${encodeURIComponent(author)}`);
    await this.readCase();
  }

  /** Ids of the events that are taken back. An undo can be undone too, so they are read from the end. */
  get undone() {
    const gone = new Set();
    for (const event of this.events.toReversed()) if (event.kind === "undo" && !gone.has(event.id)) gone.add(event.undoes);
    return gone;
  }

  /** The last edit that still stands: its events, several where it was one of several damages. */
  get undoable() {
    const { undone } = this;
    const there = (event) => !event.image_id || this.inspection.images.some((image) => image.id === event.image_id);
    const standing = this.events.filter((event) => !NO_EDITS.has(event.kind) && !undone.has(event.id) && there(event));
    const last = standing.at(-1);
    if (!last || last.image_id) return last ? [last] : [];
    const together = (event) => !event.image_id && event.kind === last.kind && event.author === last.author && new Date(last.at) - new Date(event.at) < AT_ONCE;
    return standing.filter(together);
  }

  /** Run `work` unless it is running; then once more after it, for whatever changed meanwhile. */
  once(what, work) {
    const running = this.reading.get(what);
    if (running) {
      running.again ??= running.done.catch(() => {}).then(() => this.once(what, work));
      return running.again;
    }
    const entry = {};
    entry.done = work().finally(() => this.reading.delete(what));
    this.reading.set(what, entry);
    return entry.done;
  }
}

/** A finding's name within an inspection. */
export function key({ photo, finding }) {
  return `${photo} ${finding}`;
}
