// Server-sent events read with fetch: EventSource cannot carry a token, and must not give up on an error.

import { pause, waitBefore } from "./api.js";

const SILENCE = 45_000; // ms without a byte after which a connection counts as dead; the service sends a line more often

/**
 * Follow a stream until `signal` aborts. `ontell(event, data)` gets each message, `onopen()` is called on every
 * connection: what was told in between is not repeated, so the listener reads the state anew.
 */
export async function follow(api, path, { ontell, onopen, signal }) {
  for (let tries = 0; !signal.aborted; ) {
    const silence = new AbortController();
    const either = AbortSignal.any([signal, silence.signal]);
    try {
      const response = await api.fetch(path, { headers: { Accept: "text/event-stream" }, signal: either });
      tries = 0;
      onopen();
      await read(response.body, ontell, silence);
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 404) throw error;
    }
    if (!signal.aborted) await pause(waitBefore(++tries), signal);
  }
}

async function read(body, ontell, silence) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const timer = setTimeout(() => silence.abort(), SILENCE);
    const { value, done } = await reader.read().finally(() => clearTimeout(timer));
    if (done) return;
    const blocks = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) tell(block, ontell);
  }
}

function tell(block, ontell) {
  let event = "message";
  const data = [];
  for (const line of block.split("\n")) {
    const [, field, value] = /^(\w*): ?(.*)$/.exec(line) ?? [];
    if (field === "event") event = value;
    if (field === "data") data.push(value);
  }
  if (data.length) ontell(event, JSON.parse(data.join("\n")));
}
