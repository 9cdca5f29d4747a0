"use strict";
// Searches, filters, sorts and groups the rows that the page came with.
const table = document.querySelector("main > table");
const rows = [...table.tBodies[0].rows].map((element) => ({
  element,
  text: element.textContent.toLowerCase(),
  ...element.dataset,
}));
const words = Object.fromEntries(
  [...document.querySelectorAll("[name=severity]")].map((box) => [box.value, box.parentElement.textContent.trim()]),
);
const order = Object.keys(words);
const search = document.querySelector("#search");
const group = document.querySelector("#group");
let sorted = { key: "rank", down: true };

function compare(one, other) {
  const [a, b] = [one[sorted.key], other[sorted.key]];
  const difference = sorted.key === "name" ? a.localeCompare(b, undefined, { numeric: true }) : a - b;
  return sorted.down ? -difference : difference;
}

function groupOf(row) {
  return group.value === "severity" ? row.severity : group.value === "folder" ? row.folder : "";
}

function body(title, members) {
  const part = document.createElement("tbody");
  if (title) {
    const head = part.insertRow().appendChild(document.createElement("th"));
    head.className = "group";
    head.colSpan = 6;
    head.scope = "rowgroup";
    head.textContent = `${title} (${members.length})`;
  }
  part.append(...members.map((row) => row.element));
  return part;
}

function show() {
  const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = new Set([...document.querySelectorAll("[name=severity]:checked")].map((box) => box.value));
  const shown = rows.filter((row) => kept.has(row.severity) && wanted.every((word) => row.text.includes(word)));
  shown.sort(compare);
  const groups = new Map();
  for (const row of shown) {
    const key = groupOf(row);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(row);
  }
  const keys = [...groups.keys()].sort((a, b) =>
    group.value === "severity" ? order.indexOf(a) - order.indexOf(b) : a.localeCompare(b, undefined, { numeric: true }),
  );
  for (const part of [...table.tBodies]) part.remove();
  const titled = group.value === "severity" ? (key) => words[key] : (key) => key || (group.value ? "no folder" : "");
  table.append(...keys.map((key) => body(titled(key), groups.get(key))));
  document.querySelector("#count").textContent = `${shown.length} of ${rows.length} shown`;
}

for (const head of table.querySelectorAll("[data-sort]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const key = head.dataset.sort;
    sorted = { key, down: sorted.key === key ? !sorted.down : key !== "name" };
    for (const other of table.querySelectorAll("[data-sort]")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
    show();
  });
}
document.querySelector(".tools").addEventListener("input", show);
document.querySelector(".tools").addEventListener("submit", (event) => event.preventDefault());
document.querySelector(".tools").hidden = false;
show();
