// Frames to the service and answers back. The next frame goes once the last one is answered, and it is the newest
// there is: what came between is skipped. So nothing queues up, however slow the network or the service.

import { pause, waitBefore } from "../shared/api.js";

const MEASURED = 12; // answers over which frames a second are counted

export class LiveFrames {
  /** `path`: of the live view. `onanswer(answer)` after each frame. */
  constructor(api, path, source, onanswer) {
    Object.assign(this, { api, path, source, onanswer, skipped: 0, shown: null, answered: [] });
  }

  /** Frames a second, lately. */
  get rate() {
    const [first] = this.answered, last = this.answered.at(-1);
    return last > first ? ((this.answered.length - 1) * 1000) / (last - first) : 0;
  }

  /** Until told to stop. Throws what cannot pass: the live view is gone, or takes no more. */
  async run(signal) {
    Object.assign(this, { shown: null, answered: [] });
    for (let tries = 0; ; ) {
      const shown = await this.source.next(signal);
      if (shown === null) return;
      // A count that begins anew is that of another video.
      if (this.shown !== null) this.skipped += Math.max(0, shown - this.shown - 1);
      this.shown = shown;
      try {
        await this.send(await this.source.jpeg(), signal);
        tries = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (!error.passing) throw error;
        await pause(waitBefore(++tries, error.retryAfter), signal); // then not this frame: the newest
      }
    }
  }

  async send(body, signal) {
    const headers = { "Content-Type": "image/jpeg" };
    const response = await this.api.fetch(`${this.path}/frames`, { method: "POST", headers, body, signal });
    const answer = await response.json();
    this.answered = [...this.answered, performance.now()].slice(-MEASURED);
    this.onanswer(answer);
  }
}
