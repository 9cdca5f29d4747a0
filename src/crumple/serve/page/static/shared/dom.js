// Elements by hand: everything that comes from outside goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element: h("button.primary", {onclick, "aria-label": "..."}, "words", child). Null children are left out. */
export function h(selector, properties = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, one] of Object.entries(value)) element.style.setProperty(key, one);
    else if (name === "value" || name === "checked" || name === "disabled" || name === "open") element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...flat(children));
  return element;
}

/**
 * Put new children into an element. The focus stays on the element with the same data-key, the caret where it was; if
 * that is gone or switched off, the focus goes to what is open.
 */
export function fill(element, ...children) {
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  const scroll = element.scrollTop;
  element.replaceChildren(...flat(children));
  element.scrollTop = scroll;
  if (!focused) return element;
  const same = element.querySelector(`[data-key="${CSS.escape(focused.dataset.key ?? "")}"]`);
  const again = same && !same.disabled ? same : element.querySelector("[aria-expanded=true]");
  again?.focus({ preventScroll: true });
  if (again?.localName === "textarea") again.setSelectionRange(focused.selectionStart, focused.selectionEnd);
  return element;
}

const states = new WeakMap();

/** Whether an element is to be filled anew: what it shows is not what it showed. A slider held must not be replaced. */
export function changed(element, ...shown) {
  const state = JSON.stringify(shown);
  if (states.get(element) === state) return false;
  states.set(element, state);
  return true;
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

const ICONS = {
  check: "M3 8.5l3.2 3.2L13 4.8",
  cross: "M4 4l8 8M12 4l-8 8",
  undo: "M5.5 3L2.5 6l3 3M3 6h6.5a3.5 3.5 0 010 7H6",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  fit: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  pen: "M3 13l.7-3L10.6 3.1a1.2 1.2 0 011.7 0l.6.6a1.2 1.2 0 010 1.7L6 12.3z",
  note: "M3 3h10v7.5H7L4.5 13v-2.5H3z",
  tag: "M2.5 7.5v-5h5l6 6-5 5zM5.2 5.2v.1",
  camera: "M2 5h3l1-1.5h4L11 5h3v8H2zM8 11a2.3 2.3 0 100-4.6A2.3 2.3 0 008 11z",
  live: "M8 9.500a1.500 1.500 0 100-3 1.500 1.500 0 000 3zM4.500 11.500a5 5 0 010-7M11.500 4.500a5 5 0 010 7M2.500 13.500a7.800 7.800 0 010-11M13.500 2.500a7.800 7.800 0 010 11",
  down: "M8 2.5v7.5M4.5 7L8 10.5 11.5 7M3 13.5h10",
  print: "M4.5 6V2.5h7V6M4.5 11.5h-2V6h11v5.500h-2M4.5 9.500h7v4h-7z",
  help: "M6 6.200a2 2 0 113 1.600c-.7.4-1 .8-1 1.600M8 12v.1",
  bin: "M3 4.500h10M6.500 4.500v-2h3v2M4.500 4.500l.6 9h5.800l.6-9",
  left: "M10 3L5 8l5 5",
  right: "M6 3l5 5-5 5",
  sun: "M8 11a3 3 0 100-6 3 3 0 000 6zM8 1.500v1.500M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1 1M11.600 11.600l1 1M3.400 12.600l1-1M11.600 4.400l1-1",
  person: "M8 7.500a2.500 2.500 0 100-5 2.500 2.500 0 000 5zM3 13.500c.5-2.700 2.500-4 5-4s4.500 1.300 5 4",
  merge: "M4 2.500v3.500q0 3 4 3t4-3V2.500M8 9v5",
  more: "M6 3.500l4.500 4.500L6 12.500",
  less: "M3.500 6L8 10.500 12.500 6",
  photo: "M2.500 3h11v10h-11zM2.500 11l3.500-3.500 2.500 2.500 2-2 3 3M10.500 5.700v.1",
  warning: "M8 2.500l6 10.800H2zM8 6.500v3.200M8 11.500v.1",
};

/** A small line drawing that goes with words or with an aria-label on its button. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  for (const [key, value] of Object.entries({ viewBox: "0 0 16 16", "aria-hidden": "true", class: "icon" })) {
    svg.setAttribute(key, value);
  }
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}
