// The words and colours of parts, damages and reasons, as the service has them, and numbers as people read them.

let words = { parts: {}, damages: {}, reasons: {}, retake: {}, max_body: Infinity };

export async function loadWords(api) {
  words = await api.get("page/words.json");
}

/** Names of all damages that a finding can be given. */
export function damages() {
  return Object.keys(words.damages);
}

/** Names of all places that a finding can be on. */
export function places() {
  return Object.keys(words.parts);
}

export function reasons() {
  return words.reasons;
}

/** Bytes of a request that the service takes. */
export function largestBody() {
  return words.max_body;
}

/** How to take a photo again that failed a check. */
export function retake(check) {
  return words.retake[check] ?? "Take it again.";
}

export function title(name) {
  return words.damages[name]?.title ?? words.parts[name]?.title ?? String(name).replaceAll("_", " ");
}

export function colour(name) {
  return words.damages[name]?.colour ?? words.parts[name]?.colour ?? "#888888";
}

/** Black or white, whichever reads on the colour. */
export function ink(name) {
  return words.damages[name]?.ink ?? "#ffffff";
}

export const NOT_IDENTIFIED = "panel not identified";
const ELSEWHERE = new Set(["interior", "engine_bay", "underbody"]);

/** Behind what is there: " on front left door", " inside the vehicle"; `label` is that of its first place, if any. */
export function on(label) {
  if (!label) return `, ${NOT_IDENTIFIED}`;
  return ELSEWHERE.has(label) ? ` ${title(label)}` : ` on ${title(label)}`;
}

/** "front left door, 12 % of it", or how probable it is where the part has no outline. */
export function placeWords({ title, share_of_part: share, probability, known_by: by }) {
  if (share !== null) return `${title}, ${percent(share)} of it`;
  if (probability === null || by.includes("damage")) return title;
  return `${title}, probability ${percent(Math.min(probability, 0.99))}`; // none is 100 %
}

/** Where no column says that it is a severity. */
export function severityWords(severity) {
  return severity === "unclear" ? "severity unclear" : severity;
}

/** "12 %", "2.5 %", "under 0.1 %". */
export function percent(share) {
  if (share < 0.001) return "under 0.1 %";
  return `${share >= 0.0995 ? Math.round(share * 100) : Number((share * 100).toFixed(1))} %`;
}

/** "about 8 in 10 like this are real". */
export function howManyReal(probability) {
  if (probability >= 0.95) return "nearly all like this are real";
  if (probability < 0.05) return "fewer than 1 in 20 like this are real";
  const tenths = Math.max(1, Math.round(probability * 10));
  return `about ${tenths} in 10 like this ${tenths === 1 ? "is" : "are"} real`;
}

/** Whether a person confirmed it or the model holds it for likely: only then it is drawn solid and in strong colours. */
export function sure({ review, likelihood }) {
  return review === "confirmed" || likelihood === "likely";
}

export function count(number, word) {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const FULL = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const SHORT = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

export function fullTime(iso) {
  return FULL.format(new Date(iso));
}

export function shortTime(iso) {
  const seconds = (Date.now() - new Date(iso)) / 1000;
  if (seconds < 45) return "just now";
  if (seconds < 3570) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  return SHORT.format(new Date(iso));
}
