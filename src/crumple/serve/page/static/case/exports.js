// The export menu. With a token a plain link would be refused, so the file is fetched and then saved.

import { h, icon } from "../shared/dom.js";
import { token } from "../shared/settings.js";
import { tell, tellProblem } from "../shared/toasts.js";

const FORMATS = [
  ["pdf", "Report, PDF", "for reviewers: with likelihoods and scores"],
  ["pdf", "Report for the recipient, PDF", "without scores and thresholds, to send on", "recipient"],
  ["html", "Report, HTML", "one file, pictures inside"],
  ["html", "Report for the recipient, HTML", "one file, without scores and thresholds", "recipient"],
  ["csv", "Table, CSV", "one line per finding"],
  ["json", "Everything, JSON", "with the model’s answer and every edit"],
  ["coco", "Labels, COCO", "photos decided in full, for training"],
];

export function exportMenu(state, name) {
  const menu = h("details.menu", { onkeydown: (event) => event.key === "Escape" && (menu.open = false) });
  menu.append(
    h("summary", { role: "button" }, icon("down"), "Export"),
    h(
      "ul",
      {},
      FORMATS.map(([format, words, more, audience]) => {
        const href = `${state.path}/export?format=${format}${audience ? `&audience=${audience}` : ""}`;
        const file = () => `${fileName(name())}.${format === "coco" ? "coco.json" : format}`;
        const link = h("a", format === "html" ? { href, target: "_blank", rel: "noopener" } : { href }, h("b", {}, words), h("small", {}, more));
        link.addEventListener("click", (event) => {
          menu.open = false;
          if (token()) {
            event.preventDefault();
            save(state, href, file());
          } else if (format !== "html") {
            link.download = file();
          }
        });
        return h("li", {}, link);
      }),
    ),
  );
  addEventListener("click", (event) => menu.contains(event.target) || (menu.open = false), { signal: state.signal });
  return menu;
}

async function save(state, path, name) {
  try {
    tell("The export is being made ...");
    const url = URL.createObjectURL(await state.api.blob(path));
    h("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  } catch (error) {
    tellProblem(error);
  }
}

function fileName(name) {
  return name.normalize("NFKD").replace(/[^\w.-]+/g, "-").replace(/^[-.]+|-+$/g, "").slice(0, 60) || "inspection";
}
