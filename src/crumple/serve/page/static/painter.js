// Draws a photo, its parts and its findings on a canvas. Colours and dashes are those of the printed overlay.

import { colour, ink, sure } from "./words.js";

const EDGE = "#141416"; // keeps an outline visible on any lacquer
const DASH = 7; // CSS pixels

export function paint(context, view, ratio, scene) {
  const { viewport } = view;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, viewport.width, viewport.height);
  toPhoto(context, viewport, ratio);
  if (scene.bitmap) {
    context.imageSmoothingEnabled = viewport.scale < 4;
    context.imageSmoothingQuality = "high";
    context.drawImage(scene.bitmap, 0, 0, scene.width, scene.height);
  }
  const dim = scene.drawing ? 0.35 : 1;
  if (scene.showParts) for (const part of scene.parts) paintPart(context, viewport, part, scene, dim);
  if (scene.showDamage) {
    // Severe findings come first in the list and are drawn last, on top.
    for (const finding of [...scene.findings].reverse()) paintFinding(context, viewport, finding, scene, dim);
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (scene.showDamage && !scene.drawing) {
    const taken = []; // places of numbers, so that none hides another
    for (const finding of scene.findings) if (finding.number) paintNumber(context, viewport, finding, scene, taken);
  }
  if (scene.drawing) paintDrawing(context, viewport, scene.drawing);
}

function toPhoto(context, { scale, x, y }, ratio) {
  context.setTransform(scale * ratio, 0, 0, scale * ratio, x * ratio, y * ratio);
}

function paintPart(context, { scale }, part, scene, dim) {
  const pointed = scene.hovered === part || scene.part === part.label;
  context.globalAlpha = (pointed ? 0.42 : 0.18) * dim;
  context.fillStyle = colour(part.label);
  context.fill(part.path);
  context.globalAlpha = (pointed ? 1 : 0.75) * dim;
  context.strokeStyle = colour(part.label);
  context.lineWidth = (pointed ? 2.5 : 1.25) / scale;
  context.setLineDash([]);
  context.stroke(part.path);
  context.globalAlpha = 1;
}

function paintFinding(context, { scale }, finding, scene, dim) {
  const selected = scene.selected === finding.id, pointed = scene.hovered === finding;
  const gone = finding.review === "rejected";
  const faint = dim * (gone ? 0.55 : 1);
  const solid = sure(finding);
  context.globalAlpha = faint * (gone ? 0 : selected || pointed ? 0.4 : solid ? 0.28 : 0.14);
  context.fillStyle = colour(finding.damage);
  context.fill(finding.path);
  context.globalAlpha = faint;
  const width = selected ? 3.5 : pointed ? 3 : 2;
  context.setLineDash(gone ? [1.5 / scale, 4 / scale] : solid ? [] : [DASH / scale, (DASH * 0.7) / scale]);
  for (const [style, wide] of [[EDGE, width + 2], [colour(finding.damage), width]]) {
    context.strokeStyle = style;
    context.lineWidth = wide / scale;
    context.stroke(finding.path);
  }
  if (selected) {
    context.setLineDash([]);
    context.strokeStyle = "#ffffff";
    context.lineWidth = 1 / scale;
    context.stroke(finding.path);
  }
  context.globalAlpha = 1;
}

function paintNumber(context, viewport, finding, scene, taken) {
  const [middle, top] = viewport.toScreen(...finding.top);
  const text = String(finding.number);
  const selected = scene.selected === finding.id;
  context.font = "600 12px system-ui, sans-serif";
  const width = Math.max(20, context.measureText(text).width + 12), height = 20;
  let x = Math.min(Math.max(middle - width / 2, 2), viewport.width - width - 2);
  const y = Math.min(Math.max(top - height - 3, 2), viewport.height - height - 2);
  for (let other; (other = taken.find((one) => Math.abs(one.y - y) < height && x < one.end && one.x < x + width)); ) {
    x = other.end + 2;
  }
  taken.push({ x, y, end: x + width });
  context.globalAlpha = finding.review === "rejected" ? 0.6 : 1;
  context.beginPath();
  context.roundRect(x, y, width, height, 6);
  context.fillStyle = colour(finding.damage);
  context.fill();
  context.setLineDash([]);
  context.lineWidth = selected ? 2.5 : 1;
  context.strokeStyle = selected ? "#ffffff" : EDGE;
  context.stroke();
  context.fillStyle = ink(finding.damage);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, x + width / 2, y + height / 2 + 0.5);
  if (finding.review === "rejected") {
    context.fillRect(x + 4, y + height / 2 - 0.75, width - 8, 1.5);
  }
  context.globalAlpha = 1;
}

function paintDrawing(context, viewport, drawing) {
  context.setLineDash([]);
  drawing.pieces.forEach((piece, index) => {
    const current = index === drawing.piece;
    const points = piece.map(([x, y]) => viewport.toScreen(x, y));
    context.beginPath();
    points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    if (points.length > 2) context.closePath();
    context.fillStyle = drawing.colour;
    context.globalAlpha = 0.3;
    context.fill();
    context.globalAlpha = 1;
    for (const [style, width] of [[EDGE, 4], [current ? "#ffffff" : drawing.colour, 2]]) {
      context.strokeStyle = style;
      context.lineWidth = width;
      context.stroke();
    }
    if (current) points.forEach((point, i) => paintHandle(context, point, i === drawing.corner));
  });
  if (drawing.cursor) paintCursor(context, viewport.toScreen(...drawing.cursor));
}

function paintHandle(context, [x, y], held) {
  context.beginPath();
  context.arc(x, y, held ? 7 : 5, 0, 2 * Math.PI);
  context.fillStyle = held ? "#1b6fe0" : "#ffffff";
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = held ? "#ffffff" : EDGE;
  context.stroke();
}

function paintCursor(context, [x, y]) {
  for (const [style, width] of [["#ffffff", 4], [EDGE, 2]]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + dx * 5, y + dy * 5);
      context.lineTo(x + dx * 16, y + dy * 16);
    }
    context.stroke();
  }
}
