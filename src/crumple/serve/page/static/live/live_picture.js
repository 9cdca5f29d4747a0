// The live picture with what the service last found in it.

import { h } from "../shared/dom.js";
import { pathOf, top } from "../photo/geometry.js";
import { paint } from "../photo/painter.js";
import { Viewport } from "../photo/viewport.js";
import { sure, title } from "../shared/words.js";

export class LivePicture {
  constructor() {
    this.video = h("video", { muted: true, playsinline: true, "aria-label": "Live picture" });
    this.video.muted = true; // or the browser does not let it play by itself
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.element = h("div.live-picture", {}, this.video, this.canvas);
    this.context = this.canvas.getContext("2d");
    this.still = document.createElement("canvas"); // the frame that was answered last
    Object.assign(this, { answer: null, frozen: false });
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.element);
  }

  /** `answer` of the service to a `frame` (a canvas); null: to none yet. */
  show(answer, frame) {
    if (answer) {
      [this.still.width, this.still.height] = [frame.width, frame.height];
      this.still.getContext("2d").drawImage(frame, 0, 0);
    }
    this.answer = answer;
    this.draw();
  }

  /** Show the frame that was answered last, so that the outlines fit, or what the camera sees now. */
  freeze(frozen) {
    this.frozen = frozen;
    this.draw();
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.element;
    const ratio = devicePixelRatio;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    if (!this.answer) return;
    const { frame, outlines, live } = this.answer;
    const [across, down] = frame.size;
    const scale = Math.min(width / across, height / down); // as the video's object-fit: contain has it
    const viewport = Object.assign(new Viewport(), { width, height, scale, x: (width - across * scale) / 2, y: (height - down * scale) / 2 });
    const findings = frame.findings.map((finding, i) => {
      // Networks waver between two names; a damage that has a number is called what it was mostly seen as.
      const damage = live.damages.find((one) => one.track === finding.track)?.damage ?? finding.damage;
      const number = finding.track && `${finding.track} ${title(damage)}`;
      return { ...finding, damage, number, sure: sure(finding), path: pathOf(outlines[i]), top: top(outlines[i]) };
    });
    paint(this.context, { viewport }, ratio, { bitmap: this.frozen && this.still, parts: [], findings, showParts: false, showDamage: true, width: across, height: down });
  }

  close() {
    this.observer.disconnect();
  }
}
