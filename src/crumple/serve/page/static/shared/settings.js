// What this browser remembers for its user: a name, a theme, switches. The token lasts as long as the tab.

const PREFIX = "crumple.";

/** A value kept in this browser, or `otherwise`. */
export function remembered(name, otherwise = null) {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? otherwise : JSON.parse(text);
  } catch {
    return otherwise; // storage is switched off or holds something else: live without it
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // nothing is lost but the comfort
  }
}

export function token() {
  try {
    return sessionStorage.getItem(PREFIX + "token") ?? "";
  } catch {
    return "";
  }
}

export function setToken(value) {
  sessionStorage.setItem(PREFIX + "token", value);
}

/** Follow the system, or stay light or dark. */
export function applyTheme(theme = remembered("theme", "auto")) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  remember("theme", theme);
  return theme;
}

/** 128 random bits as a UUID; `crypto.randomUUID` is missing where the page came over plain http. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
