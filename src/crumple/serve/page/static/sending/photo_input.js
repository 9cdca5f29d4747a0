// Three ways for photos to come in: dropped, picked, taken with the camera.

import { h, icon } from "../shared/dom.js";

// Named one by one as well: some phones' pickers know HEIC by its ending only.
const KINDS = "image/jpeg,image/png,image/webp,image/bmp,image/heic,image/heif,.heic,.heif";

/** The two buttons; the camera's is seen on touch screens only. `onphotos(files)` gets what was chosen. */
export function photoButtons(onphotos, { words = "Choose photos", kind = "" } = {}) {
  const input = (key, properties) => {
    const field = h("input", {
      type: "file", accept: KINDS, hidden: true, "data-key": key,
      onchange: () => {
        if (field.files.length) onphotos([...field.files]);
        field.value = ""; // the same photo can be chosen again
      },
      ...properties,
    });
    return field;
  };
  const touch = navigator.maxTouchPoints > 0;
  const files = input("files", { multiple: true });
  const camera = input("camera", { capture: "environment" });
  return h(
    "span.photo-buttons",
    {},
    touch && h(`button.camera${kind}`, { type: "button", onclick: () => camera.click() }, icon("camera"), "Take a photo"),
    h(`button${kind}`, { type: "button", onclick: () => files.click() }, icon("plus"), words),
    files,
    camera,
  );
}

/** Let files be dropped anywhere on an element. */
export function dropTarget(element, onphotos, signal) {
  let depth = 0;
  const on = (type, work) => element.addEventListener(type, (event) => {
    if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
    event.preventDefault();
    work(event);
    element.classList.toggle("dropping", depth > 0);
  }, { signal });
  on("dragenter", () => (depth += 1));
  on("dragover", () => {});
  on("dragleave", () => (depth -= 1));
  on("drop", (event) => {
    depth = 0;
    const files = [...event.dataTransfer.files];
    if (files.length) onphotos(files);
  });
}
