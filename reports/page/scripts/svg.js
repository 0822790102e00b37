// The little that the charts need: SVG elements, scales, ticks, markers and colours.

/** An SVG element with attributes and children, as `make`. */
function draw(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** A drawing of that size; `label` describes it for a screen reader. */
function drawing(width, height, label, ...children) {
  const attributes = { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': label };
  return draw('svg', attributes, ...children);
}

function textAt(x, y, text, attributes = {}) {
  return draw('text', { x, y, ...attributes }, text);
}

/** A function from [low, high] to [start, end]; beyond the ends it goes on. */
function scale([low, high], [start, end]) {
  const span = high - low || 1;
  return (value) => start + ((value - low) / span) * (end - start);
}

/** Round numbers in [low, high], about `count` of them. */
function ticks(low, high, count = 5) {
  const rough = (high - low || 1) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= 0.7 * rough);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function decimals(values) {
  return Math.max(0, ...values.map((value) => (String(value).split('.')[1] ?? '').length));
}

const MARKERS = {
  o: (r) => `M${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0z`,
  s: (r) => `M${-0.88 * r},${-0.88 * r}h${1.76 * r}v${1.76 * r}h${-1.76 * r}z`,
  D: (r) => `M0,${-1.25 * r}L${1.25 * r},0L0,${1.25 * r}L${-1.25 * r},0z`,
  '^': (r) => `M0,${-1.15 * r}L${1.1 * r},${0.85 * r}H${-1.1 * r}z`,
  v: (r) => `M0,${1.15 * r}L${1.1 * r},${-0.85 * r}H${-1.1 * r}z`,
  P: (r) => `M${-0.4 * r},${-1.1 * r}h${0.8 * r}v${0.7 * r}h${0.7 * r}v${0.8 * r}h${-0.7 * r}v${0.7 * r}h${-0.8 * r}v${-0.7 * r}h${-0.7 * r}v${-0.8 * r}h${0.7 * r}z`,
};

function marker(x, y, look, radius = 4.5, attributes = {}) {
  const path = (MARKERS[look.marker] ?? MARKERS.o)(radius);
  return draw('path', { d: path, transform: `translate(${x},${y})`, class: `marker ${look.hollow ? 'hollow' : ''}`, ...attributes });
}

const TONES = { guided: 7, free: 3 };
const UNSEEING = { marker: 'o', hollow: true, tone: 'tone unseeing', dashed: false };

/** name -> {title, text, tone, marker, dashed}; a name that is no method is a predictor that never looks. */
function looksOf(methods) {
  const lookByName = new Map();
  for (const method of methods) {
    const kind = method.text ? 'guided' : 'free';
    lookByName.set(method.name, {
      title: method.title,
      text: method.text,
      collapsed: new Set(method.collapsed),
      tone: `tone ${kind}-${method.tone % TONES[kind]}`,
      marker: method.marker,
      dashed: !method.text,
    });
  }
  return {
    of: (name) => lookByName.get(name) ?? { ...UNSEEING, title: name[0].toUpperCase() + name.slice(1) },
    names: [...lookByName.keys()],
  };
}
