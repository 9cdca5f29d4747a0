// The page: its frame, and which of its pages is open. #/ lists inspections, #/inspections/ID/PHOTO
// shows one, #/live or #/live/ID is a live view for a new one or for that one.

import { Api } from "./api.js";
import { askToken, author, showKeys } from "./dialogs.js";
import { h, icon } from "./dom.js";
import { InspectionPage } from "./inspection_page.js";
import { ListPage } from "./list_page.js";
import { LivePage } from "./live_page.js";
import { applyTheme, remembered } from "./settings.js";
import { loadWords } from "./words.js";

const THEMES = ["auto", "light", "dark"];

const link = h("p.link", { role: "status", hidden: true }, icon("warning"), "The service does not answer. Photos and edits are kept and sent as soon as it does.");
const api = new Api({ askToken, onlink: (up) => (link.hidden = up) });
const outlet = h("div.outlet");
let page = null;
let leave = new AbortController();
let handed = null; // photos chosen for an inspection that is about to open

function frame() {
  let theme = applyTheme();
  const themeWords = () => `Colours: ${theme}`;
  const themeButton = h("button.tool", {
    type: "button", "aria-label": themeWords(), title: themeWords(),
    onclick: () => {
      theme = applyTheme(THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]);
      themeButton.title = themeWords();
      themeButton.setAttribute("aria-label", themeWords());
    },
  }, icon("sun"));
  const name = h("span", {}, remembered("author", "") || "Your name");
  const nameButton = h("button.plain.who", {
    type: "button", title: "The name that edits are kept under",
    onclick: () => author(true),
  }, icon("person"), h("span.unseen", {}, "Reviewer: "), name);
  const whoChanged = () => (name.textContent = remembered("author", "") || "Your name");
  addEventListener("author", whoChanged);
  document.body.prepend(
    h("a.skip", { href: "#main", onclick: (event) => (event.preventDefault(), document.querySelector("h1")?.focus()) }, "Skip to the content"),
    h(
      "header.top",
      {},
      h("a.brand", { href: "#/" }, h("span.mark", { "aria-hidden": "true" }), "crumple"),
      h("a.all", { href: "#/" }, "Inspections"),
      h("div.spring"),
      nameButton,
      h("button.tool", { type: "button", "aria-label": "Keys", title: "Keys", onclick: showKeys }, icon("help")),
      themeButton,
    ),
    link,
    outlet,
  );
}

function open(id, files = []) {
  handed = { id, files };
  location.hash = `#/inspections/${encodeURIComponent(id)}`;
}

async function route() {
  const [, id, photo] = /^#\/inspections\/([^/]+)(?:\/([^/]+))?$/.exec(location.hash) ?? [];
  if (id && page?.id === decodeURIComponent(id)) return page.openPhoto(photo && decodeURIComponent(photo));
  leave.abort();
  page?.close();
  leave = new AbortController();
  const { signal } = leave;
  const [live, liveId] = /^#\/live(?:\/([^/]+))?$/.exec(location.hash) ?? [];
  if (live) {
    page = new LivePage(api, { inspection: liveId && decodeURIComponent(liveId), onopen: open, signal });
  } else if (id) {
    const files = handed?.id === decodeURIComponent(id) ? handed.files : [];
    page = new InspectionPage(api, decodeURIComponent(id), { photo: photo && decodeURIComponent(photo), files, signal });
  } else {
    page = new ListPage(api, { onopen: open, signal });
  }
  handed = null;
  outlet.replaceChildren(page.element);
  await page.start();
  if (!signal.aborted) page.element.querySelector("h1")?.focus({ preventScroll: true });
}

frame();
await loadWords(api);
addEventListener("hashchange", route);
// A photo dropped beside its target must not replace the page.
for (const type of ["dragover", "drop"]) addEventListener(type, (event) => event.preventDefault());
await route();
