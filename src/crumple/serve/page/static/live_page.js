// A live view: the camera's picture with the damage on it, what was found so far, and at the end keep or discard.

import { changed, fill, h, icon } from "./dom.js";
import { LiveFrames } from "./live_frames.js";
import { LivePicture } from "./live_picture.js";
import { LiveSource, mayUseCamera } from "./live_source.js";
import { tell, tellProblem } from "./toasts.js";
import { NOT_IDENTIFIED, capital, colour, count, ink, on, severityWords, sure, title } from "./words.js";

const NEEDS_HTTPS = "The camera needs https, or localhost: browsers lend it to such pages only. A video file works here.";

export class LivePage {
  /** `inspection`: the id of the one that photos go to; none: a new one. `onopen(id)` goes there. */
  constructor(api, { inspection, onopen, signal }) {
    Object.assign(this, { api, inspection, onopen, signal, state: "idle", path: null, live: null, frames: null });
    this.picture = new LivePicture();
    this.source = new LiveSource(this.picture.video);
    this.running = new AbortController();
    this.build();
    this.picture.video.addEventListener("ended", () => this.stop());
    addEventListener("pagehide", () => this.reset(), { signal });
    addEventListener("beforeunload", (event) => this.worthKeeping && event.preventDefault(), { signal });
  }

  build() {
    const field = (name) => h("input", { name, maxlength: 200, autocomplete: "off" });
    this.fields = { reference: field("reference"), plate: field("plate") };
    this.file = h("input", { type: "file", accept: "video/*", hidden: true, "data-key": "video", onchange: () => this.openFile() });
    this.actions = h("div.group", { role: "group", "aria-label": "Live view" });
    this.rate = h("p.rate.quiet");
    this.hint = h("p.hint");
    this.said = h("p.unseen", { role: "status" });
    this.damages = h("ol.damages", { "aria-label": "Damage so far" });
    this.parts = h("p.quiet");
    const fields = this.inspection
      ? h("p.quiet", {}, "What is kept is added to the inspection.")
      : h("div.fields", {}, h("label", {}, "Reference (optional)", this.fields.reference), h("label", {}, "Plate (optional)", this.fields.plate));
    this.element = h(
      "main.live",
      { id: "main" },
      h("header.heading", {}, h("h1", { tabindex: -1 }, "Live view"), this.rate, h("div.spring"), this.actions, this.file),
      h("section.photo", { "aria-label": "Picture" }, this.picture.element, this.hint),
      h(
        "section.side",
        { "aria-label": "Findings so far" },
        h("h2", {}, "Damage so far"), this.damages, h("h2", {}, "Parts seen"), this.parts, h("h2", {}, "To keep"), fields, this.said,
      ),
    );
  }

  async start() {
    document.title = "Live view · crumple";
    this.render();
  }

  openFile() {
    const [file] = this.file.files;
    this.file.value = ""; // the same one can be chosen again
    if (file) this.watch(() => this.source.openFile(file));
  }

  /** `open` the camera or a file, and go. */
  async watch(open) {
    this.become("starting");
    try {
      await open();
      await this.begin();
    } catch (error) {
      this.source.close();
      tellProblem(error);
      return this.become("idle");
    }
    if (this.signal.aborted) return this.close(); // left meanwhile
    await this.goOn();
  }

  /** A live view at the service. */
  async begin() {
    this.live = await this.api.post("v1/live", {}, 1);
    this.path = `v1/live/${encodeURIComponent(this.live.id)}`;
    this.frames = new LiveFrames(this.api, this.path, this.source, (answer) => this.show(answer));
    // It is dropped when it is idle for long; while a person decides, or answers the phone, it is not.
    this.pulse = setInterval(() => this.api.fetch(this.path).catch((error) => error.status === 404 && this.gone()), (this.live.idle_seconds * 1000) / 3);
  }

  async goOn() {
    this.running = new AbortController();
    this.become("running");
    const awake = navigator.wakeLock?.request("screen").catch(() => null);
    try {
      await this.picture.video.play();
      await this.frames.run(this.running.signal);
    } catch (error) {
      if (error.status === 404) return this.gone();
      tellProblem(error);
      this.stop();
    } finally {
      (await awake)?.release();
    }
  }

  stop() {
    if (this.state !== "running") return;
    this.running.abort();
    this.picture.video.pause();
    this.become("stopped");
  }

  show(answer) {
    this.live = answer.live;
    this.warnings = answer.frame.warnings;
    this.picture.show(answer, this.source.canvas);
    this.render();
  }

  async keep() {
    this.become("keeping");
    try {
      this.inspection ??= (await this.api.post("v1/inspections", this.about())).id;
      const images = await this.api.post(`${this.path}/keep`, { inspection_id: this.inspection });
      tell(`${count(images.length, "photo")} kept.`);
    } catch (error) {
      if (error.status === 404 && error.field === "live_id") return this.gone();
      tellProblem(error);
      return this.become("stopped");
    }
    this.drop();
    this.onopen(this.inspection);
  }

  about() {
    const [reference, plate] = [this.fields.reference, this.fields.plate].map((field) => field.value.trim());
    return { vehicle: plate ? { plate } : {}, ...(reference && { reference }) };
  }

  discard() {
    this.drop();
    tell("Discarded: nothing was kept.");
    if (this.inspection) this.onopen(this.inspection);
    else location.hash = "#/";
  }

  /** The service has it no more: it was restarted, or heard nothing for too long. */
  gone() {
    if (!this.path) return;
    this.reset();
    tell("The service has this live view no more. Begin again.", { kind: "bad" });
  }

  reset() {
    this.drop();
    Object.assign(this, { live: null, frames: null });
    this.picture.show(null);
    this.become("idle");
  }

  /** Let go of the camera, and of the live view at the service, with whatever was not kept. */
  drop() {
    this.running.abort();
    clearInterval(this.pulse);
    this.source.close();
    if (this.path) this.api.fetch(this.path, { method: "DELETE", keepalive: true }).catch(() => {});
    this.path = null;
  }

  get worthKeeping() {
    return Boolean(this.path && this.live?.photos);
  }

  become(state) {
    this.state = state;
    this.picture.freeze(state === "stopped" || state === "keeping");
    this.render();
  }

  render() {
    const { state, live } = this;
    if (changed(this.actions, state, live?.photos)) fill(this.actions, this.buttons());
    this.rate.textContent = this.frames ? `${this.frames.rate.toFixed(1)} frames a second, ${this.frames.skipped} skipped` : "";
    const warning = state === "running" && this.warnings?.[0];
    this.hint.textContent = state !== "idle" ? (warning ? `${capital(title(warning))}.` : "") : mayUseCamera() ? "Walk slowly round the vehicle; go close to each damage." : NEEDS_HTTPS;
    const damages = live?.damages ?? [];
    const shown = damages.map((one) => [one.track, one.damage, one.severity, one.likelihood, one.on]);
    if (changed(this.damages, shown)) {
      fill(this.damages, damages.map(item));
      if (damages.length > (this.told ?? 0)) this.said.textContent = damages.slice(this.told ?? 0).map((one) => `Damage ${one.track}: ${words(one)}`).join(". ");
      this.told = damages.length;
    }
    this.parts.textContent = live?.parts.length ? live.parts.map((part) => capital(title(part))).join(", ") : "None yet.";
  }

  buttons() {
    const button = (key, kind, words, work, drawn, disabled = false) =>
      h(`button${kind}`, { type: "button", "data-key": key, onclick: work, disabled }, icon(drawn), words);
    switch (this.state) {
      case "idle":
        return [
          button("go", ".primary", "Start the camera", () => this.watch(() => this.source.openCamera()), "camera", !mayUseCamera()),
          button("file", "", "Choose a video", () => this.file.click(), "plus"),
        ];
      case "running":
        return [button("go", ".primary", "Stop", () => this.stop(), "check")];
      case "stopped":
        return [
          button("go", "", "Go on", () => this.goOn(), "live"),
          button("discard", "", "Discard", () => this.discard(), "bin"),
          button("keep", ".primary", "Keep", () => this.keep(), "check", !this.live.photos),
        ];
      default:
        return [h("button", { type: "button", "data-key": "go" }, h("span.spinner"), this.state === "keeping" ? "Keeping ..." : "Starting ...")];
    }
  }

  close() {
    if (this.worthKeeping) tell("The live view was left: nothing was kept.");
    this.drop();
    this.picture.close();
  }
}

/** "dent on front left door, moderate, possible" */
function words({ damage, on: places, severity, likelihood }) {
  return `${title(damage)}${on(places[0])}, ${severityWords(severity)}, ${likelihood}`;
}

function item(damage) {
  const chip = h("span.chip", { style: { background: colour(damage.damage), color: ink(damage.damage) } }, String(damage.track));
  const where = damage.on.map((part) => capital(title(part))).join(", ") || NOT_IDENTIFIED;
  return h("li", {}, chip, h("span", {}, h("b", {}, capital(title(damage.damage))), h("small", {}, where)), h("small", {}, damage.likelihood), h(`span.pill.${damage.severity}${sure(damage) ? "" : ".calm"}`, {}, damage.severity));
}
