// Where a live view's pictures come from, the camera or a video file, and one of them as a JPEG.

const LONGEST_SIDE = 1280; // pixels; the service makes larger ones smaller
const QUALITY = 0.85;
const TROUBLE = {
  NotAllowedError: "The browser may not use the camera. Allow it in the settings of this page.",
  NotFoundError: "There is no camera here. A video file works too.",
  NotReadableError: "The camera is in use elsewhere. Close what uses it.",
};

/** Browsers lend the camera to pages that came safely only. */
export function mayUseCamera() {
  return Boolean(navigator.mediaDevices?.getUserMedia);
}

export class LiveSource {
  /** `video`: the element that shows it. */
  constructor(video) {
    Object.assign(this, { video, stream: null, url: null, canvas: document.createElement("canvas") });
  }

  /** Throws an Error in words. */
  async openCamera() {
    const wanted = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    } catch (error) {
      throw new Error(TROUBLE[error.name] ?? `The camera cannot be opened: ${error.message}`);
    }
    this.video.srcObject = this.stream;
  }

  /** Throws an Error in words. */
  async openFile(file) {
    this.url = URL.createObjectURL(file);
    this.video.src = this.url;
    try {
      await this.video.play(); // the only way to make every browser read it
    } catch {
      throw new Error(`${file.name} is no video that this browser can play.`);
    }
    this.video.pause();
    this.video.currentTime = 0;
  }

  /** Wait for the next picture: how many were shown until now, it included. Null: told to stop before it came. */
  next(signal) {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(null);
      const end = () => (this.video.cancelVideoFrameCallback(waiting), resolve(null));
      const waiting = this.video.requestVideoFrameCallback((_, { presentedFrames }) => {
        signal.removeEventListener("abort", end);
        resolve(presentedFrames);
      });
      signal.addEventListener("abort", end, { once: true });
    });
  }

  /** The present picture as a JPEG. */
  jpeg() {
    const { video, canvas } = this;
    const scale = Math.min(1, LONGEST_SIDE / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  }

  close() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    if (this.url) URL.revokeObjectURL(this.url);
    this.video.srcObject = null;
    this.video.removeAttribute("src");
    this.video.load();
    this.stream = this.url = null;
  }
}
