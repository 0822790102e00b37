// Masks from run lengths, their outlines, and images with masks over them.

/** Lengths of runs, of background and mask in turn, from base64 of varints (seven bits a byte, the lowest first). */
function runs(encoded) {
  const bytes = atob(encoded);
  const lengths = [];
  let value = 0;
  let weight = 1;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes.charCodeAt(i);
    value += (byte & 127) * weight;
    weight *= 128;
    if (byte < 128) {
      lengths.push(value);
      [value, weight] = [0, 1];
    }
  }
  return lengths;
}

/** [start, end) of every run of mask, in pixels counted row by row. */
function segments(encoded) {
  const ofMask = [];
  let at = 0;
  runs(encoded).forEach((length, i) => {
    if (i % 2) ofMask.push([at, at + length]);
    at += length;
  });
  return ofMask;
}

function isEmpty(encoded) {
  return !segments(encoded).length;
}

/** (height * width) of 0 and 1; `flipped`: left to right. */
function pixels(encoded, height, width, flipped = false) {
  const mask = new Uint8Array(height * width);
  for (const [start, end] of segments(encoded)) mask.fill(1, start, end);
  if (flipped) for (let row = 0; row < height; row += 1) mask.subarray(row * width, (row + 1) * width).reverse();
  return mask;
}

/** Dice of two masks; 1 where both are empty. */
function diceOf(a, b) {
  const [first, second] = [segments(a), segments(b)];
  const area = (parts) => parts.reduce((sum, [start, end]) => sum + end - start, 0);
  const total = area(first) + area(second);
  let [i, j, common] = [0, 0, 0];
  while (i < first.length && j < second.length) {
    common += Math.max(0, Math.min(first[i][1], second[j][1]) - Math.max(first[i][0], second[j][0]));
    if (first[i][1] < second[j][1]) i += 1;
    else j += 1;
  }
  return total ? (2 * common) / total : 1;
}

/** The border between mask and background, as lines along the edges of pixels. */
function outline(mask, height, width) {
  const path = new Path2D();
  const at = (row, column) => (row < 0 || column < 0 || row >= height || column >= width ? 0 : mask[row * width + column]);
  const lines = (outer, inner, differs, line) => {
    for (let i = 0; i <= outer; i += 1) {
      let start = -1;
      for (let j = 0; j <= inner; j += 1) {
        const edge = j < inner && differs(i, j);
        if (edge && start < 0) start = j;
        if (!edge && start >= 0) {
          line(i, start, j);
          start = -1;
        }
      }
    }
  };
  lines(height, width, (i, j) => at(i - 1, j) !== at(i, j), (i, from, to) => { path.moveTo(from, i); path.lineTo(to, i); });
  lines(width, height, (i, j) => at(j, i - 1) !== at(j, i), (i, from, to) => { path.moveTo(i, from); path.lineTo(i, to); });
  return path;
}

// On the grey of an image, whatever the theme: orange and blue differ for every kind of colour vision.
const MASK_COLOUR = [230, 159, 0];
const EXPERT_COLOUR = [86, 180, 233];

/** Draw an image, which may be flipped, under layers {mask, colour, filled, dashed, flipped}, as wide as the canvas is shown. */
function paint(canvas, image, { height, width }, layers, flipped = false) {
  const ratio = window.devicePixelRatio || 1;
  const shownWidth = canvas.clientWidth || width;
  canvas.width = Math.round(shownWidth * ratio);
  canvas.height = Math.round((shownWidth * height * ratio) / width);
  const context = canvas.getContext('2d');
  context.save();
  if (flipped) context.transform(-1, 0, 0, 1, canvas.width, 0);
  if (image.naturalWidth) context.drawImage(image, 0, 0, canvas.width, canvas.height); // a damaged image stays blank
  context.restore();
  const factor = canvas.width / width;
  for (const { mask, colour, filled, dashed, flipped: isFlipped } of layers) {
    const on = pixels(mask, height, width, isFlipped);
    if (filled) context.drawImage(tinted(on, height, width, colour), 0, 0, canvas.width, canvas.height);
    context.save();
    context.scale(factor, factor);
    context.setLineDash(dashed ? [(4 * ratio) / factor, (3 * ratio) / factor] : []);
    const path = outline(on, height, width);
    for (const [pixels, style] of [[3.4, 'rgb(0 0 0 / 0.45)'], [1.6, `rgb(${colour.join(',')})`]]) { // dark below: orange is lost on red tissue
      context.lineWidth = (pixels * ratio) / factor;
      context.strokeStyle = style;
      context.stroke(path);
    }
    context.restore();
  }
}

function tinted(mask, height, width, colour) {
  const layer = make('canvas', { width, height });
  const context = layer.getContext('2d');
  const data = context.createImageData(width, height);
  mask.forEach((on, i) => {
    if (on) data.data.set([...colour, 110], 4 * i);
  });
  context.putImageData(data, 0, 0);
  return layer;
}
