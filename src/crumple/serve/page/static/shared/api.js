// The service, by HTTP: problem documents become errors with words, and what can be sent twice is tried again.

import { setToken, token, uuid } from "./settings.js";

const TRY_AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);
const BACK = ["online", "answering"]; // the browser's word for the network, and ours for the service
const LONGEST_WAIT = 8_000; // ms

/** An answer of the service that says no, in its own words (RFC 9457). */
export class Problem extends Error {
  constructor(status, body, retryAfter = 0) {
    super(body.detail || body.title || `the service answered ${status}`);
    this.status = status;
    this.field = body.errors?.[0]?.field ?? "";
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may work a little later. */
  get passing() {
    return TRY_AGAIN.has(this.status);
  }
}

/** The service cannot be reached: no network, or it is being restarted. */
export class Unreachable extends Error {
  constructor() {
    super("the service does not answer");
    this.passing = true;
  }
}

/** Milliseconds before try number `tries` (from 1): 0.5 s, 1 s, 2 s ... 8 s, or what the service asked for. */
export function waitBefore(tries, retryAfter = 0) {
  return Math.max(retryAfter * 1000, Math.min(LONGEST_WAIT, 500 * 2 ** (tries - 1)));
}

/** Wait, but no longer than until the network or the service is back, or the signal says stop. */
export function pause(ms, signal) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      for (const type of BACK) removeEventListener(type, end);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    for (const type of BACK) addEventListener(type, end);
    signal?.addEventListener("abort", end);
  });
}

export async function problemOf(response) {
  const body = await response.json().catch(() => ({}));
  return new Problem(response.status, body, Number(response.headers.get("Retry-After")) || 0);
}

export class Api {
  /** `askToken(wrong)` resolves once the user gave another token. `onlink(up)` is told when the service goes and comes. */
  constructor({ askToken, onlink }) {
    Object.assign(this, { askToken, onlink, asking: null, up: true });
  }

  /** Whether the service answers: whoever finds out tells all who wait. */
  link(up) {
    if (up === this.up) return;
    this.up = up;
    this.onlink(up);
    if (up) dispatchEvent(new Event("answering"));
  }

  headers(more = {}) {
    return token() ? { Authorization: `Bearer ${token()}`, ...more } : more;
  }

  /** One request, no second try but for a missing token. Throws Problem or Unreachable. */
  async fetch(path, options = {}) {
    for (;;) {
      const used = token();
      let response;
      try {
        response = await fetch(path, { ...options, headers: this.headers(options.headers) });
      } catch (error) {
        if (options.signal?.aborted) throw error;
        this.link(false);
        throw new Unreachable();
      }
      this.link(true);
      if (response.ok) return response;
      if (response.status !== 401) throw await problemOf(response);
      if (token() === used) await this.authenticate();
    }
  }

  /** Ask for a token, once however many requests wait for it. */
  async authenticate() {
    this.asking ??= this.askToken(Boolean(token())).finally(() => (this.asking = null));
    setToken(await this.asking);
  }

  /** A request that may be repeated, until it is answered for good; `tries` is how often at most. */
  async patiently(path, options = {}, tries = Infinity) {
    for (let count = 1; ; count++) {
      try {
        return await this.fetch(path, options);
      } catch (error) {
        if (!error.passing || count >= tries || options.signal?.aborted) throw error;
        await pause(waitBefore(count, error.retryAfter), options.signal);
      }
    }
  }

  async get(path, options = {}) {
    return (await this.patiently(path, options)).json();
  }

  async blob(path, options = {}) {
    return (await this.patiently(path, options)).blob();
  }

  /** Send JSON under a key of its own: a repeated request is done once. */
  async post(path, body, tries = 5) {
    const headers = { "Content-Type": "application/json", "Idempotency-Key": uuid() };
    const response = await this.patiently(path, { method: "POST", headers, body: JSON.stringify(body) }, tries);
    return response.json();
  }

  async patch(path, body) {
    const options = { method: "PATCH", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    return (await this.patiently(path, options, 5)).json();
  }

  async delete(path) {
    try {
      await this.patiently(path, { method: "DELETE" }, 5);
    } catch (error) {
      if (error.status !== 404) throw error; // gone already: an earlier try got through
    }
  }

  /** Every item of a list that comes in pages. */
  async all(path) {
    const items = [];
    for (let cursor = ""; cursor !== null; ) {
      const page = await this.get(path + (cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""));
      items.push(...page.items);
      cursor = page.next_cursor ?? null;
    }
    return items;
  }
}
