// The page: its frame, and which of its pages is open. #/?FILTERS lists inspections, #/inspections/ID shows one,
// #/inspections/ID/PHOTO a photo of it, #/live or #/live/ID is a live view for a new one or for that one.

import { CasePage } from "./case/case_page.js";
import { Api } from "./shared/api.js";
import { askToken, author, showKeys } from "./shared/dialogs.js";
import { h, icon } from "./shared/dom.js";
import { ListPage } from "./list/list_page.js";
import { LivePage } from "./live/live_page.js";
import { applyTheme, remembered } from "./shared/settings.js";
import { loadWords } from "./shared/words.js";

const THEMES = ["auto", "light", "dark"];

const link = h("p.link", { role: "status", hidden: true }, icon("warning"), "The service does not answer. Photos and edits are kept and sent as soon as it does.");
const api = new Api({ askToken, onlink: (up) => (link.hidden = up) });
const outlet = h("div.outlet");
let page = null;
let leave = new AbortController();
let listed = "#/"; // the list as it was last filtered
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
      h("a.brand", { href: "#/", onclick: backToList }, h("span.mark", { "aria-hidden": "true" }), "crumple"),
      h("a.all", { href: "#/", onclick: backToList }, "Inspections"),
      h("div.spring"),
      nameButton,
      h("button.tool", { type: "button", "aria-label": "Keys", title: "Keys", onclick: showKeys }, icon("help")),
      themeButton,
    ),
    link,
    outlet,
  );
}

/** To the list, with the filters that it had. */
function backToList(event) {
  event.preventDefault();
  if (location.hash !== listed) location.hash = listed;
}

function open(id, files = []) {
  handed = { id, files };
  location.hash = `#/inspections/${encodeURIComponent(id)}`;
}

/** Keep the list's filters in the address, so that it can be sent, kept and gone back to. */
function showFilters(filters) {
  listed = filters ? `#/?${filters}` : "#/";
  history.replaceState(null, "", listed);
}

async function route() {
  const [, id, photo] = /^#\/inspections\/([^/]+)(?:\/([^/]+))?$/.exec(location.hash) ?? [];
  if (id && page?.id === decodeURIComponent(id)) return photo ? page.openPhoto(decodeURIComponent(photo)) : page.leavePhoto();
  leave.abort();
  page?.close();
  leave = new AbortController();
  const { signal } = leave;
  const [live, liveId] = /^#\/live(?:\/([^/]+))?$/.exec(location.hash) ?? [];
  if (live) {
    page = new LivePage(api, { inspection: liveId && decodeURIComponent(liveId), onopen: open, signal });
  } else if (id) {
    const files = handed?.id === decodeURIComponent(id) ? handed.files : [];
    page = new CasePage(api, decodeURIComponent(id), { photo: photo && decodeURIComponent(photo), files, signal });
  } else {
    const [, filters = ""] = /^#\/\?(.*)$/.exec(location.hash) ?? [];
    page = new ListPage(api, { filters, onfilter: showFilters, onopen: open, signal });
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
