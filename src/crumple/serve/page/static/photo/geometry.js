// Polygons as COCO has them, [x1, y1, x2, y2 ...] in photo pixels, and as lists of corners [[x, y], ...].

export function corners(polygon) {
  const points = [];
  for (let i = 0; i + 1 < polygon.length; i += 2) points.push([polygon[i], polygon[i + 1]]);
  return points;
}

export function flat(points) {
  return points.flatMap(([x, y]) => [round(x), round(y)]);
}

function round(value) {
  return Math.round(value * 10) / 10;
}

/** The polygons as one canvas path. */
export function pathOf(polygons) {
  const path = new Path2D();
  for (const polygon of polygons) {
    for (let i = 0; i + 1 < polygon.length; i += 2) {
      if (i === 0) path.moveTo(polygon[0], polygon[1]);
      else path.lineTo(polygon[i], polygon[i + 1]);
    }
    path.closePath();
  }
  return path;
}

/** The highest corner of all polygons. */
export function top(polygons) {
  return polygons.flatMap(corners).reduce((best, point) => (point[1] < best[1] ? point : best), [Infinity, Infinity]);
}

export function area(points) {
  let twice = 0;
  for (let i = 0; i < points.length; i++) {
    const [x1, y1] = points[i], [x2, y2] = points[(i + 1) % points.length];
    twice += x1 * y2 - x2 * y1;
  }
  return Math.abs(twice) / 2;
}

/** The nearest point to p on the segment a-b, and its squared distance. */
export function nearest(p, a, b) {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = dx * dx + dy * dy;
  const along = length ? Math.min(1, Math.max(0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length)) : 0;
  const point = [a[0] + along * dx, a[1] + along * dy];
  return { point, distance: (p[0] - point[0]) ** 2 + (p[1] - point[1]) ** 2 };
}

/** Fewer corners for a hand to move, none farther off than `tolerance` pixels (Douglas and Peucker 1973). */
export function simplify(points, tolerance) {
  if (points.length < 5) return points;
  // A closed outline is cut at the corner farthest from the first, so that both halves have two ends that stay.
  let far = 0;
  for (let i = 1; i < points.length; i++) if (gap(points[0], points[i]) > gap(points[0], points[far])) far = i;
  const there = thin(points.slice(0, far + 1), tolerance ** 2);
  const back = thin([...points.slice(far), points[0]], tolerance ** 2);
  return [...there.slice(0, -1), ...back.slice(0, -1)];
}

function gap(a, b) {
  return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2;
}

function thin(points, tolerance) {
  if (points.length < 3) return points;
  let worst = 0, most = -1;
  for (let i = 1; i < points.length - 1; i++) {
    const { distance } = nearest(points[i], points[0], points.at(-1));
    if (distance > most) [worst, most] = [i, distance];
  }
  if (most <= tolerance) return [points[0], points.at(-1)];
  return [...thin(points.slice(0, worst + 1), tolerance).slice(0, -1), ...thin(points.slice(worst), tolerance)];
}
