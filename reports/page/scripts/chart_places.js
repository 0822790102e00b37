// Result: each method's value with its interval, and the ranks that the comparison of all pairs leaves possible.

const ROW = 26;
const LEAST_PANEL = 200; // pixels of a panel without the names of the methods
const RANKS = 74; // pixels of the ranks, right of the values

CHARTS.places = (box, data, looks, width) => {
  const parts = [];
  for (const place of data.places) {
    if (data.places.length > 1) parts.push(make('h4', {}, place.dataset));
    if (place.metrics.length) {
      const methods = bestFirst(place.metrics[0]);
      const marked = { of: (name) => flagged(looks.of(name), place.dataset) };
      const names = methods.map((name) => marked.of(name).title);
      parts.push(namedOnce(place.metrics, names, width, LEAST_PANEL, (metric, room) => placesPanel(metric, marked, methods, room)));
    }
    parts.push(undefinedNote(place.undefined, 'the experts’ masks do no better than chance'));
  }
  const isCollapsed = data.places.some((place) => place.metrics.some((metric) => metric.rows.some((row) => looks.of(row.method).collapsed.has(place.dataset))));
  const hasRanks = data.places.some((place) => place.metrics.some((metric) => metric.rows.some((row) => row.ranks[0] !== null)));
  const note = [
    'Dot and line: value with its 95 % interval.',
    ...(hasRanks ? ['Bar at the right: the ranks that remain possible when all pairs of methods are compared.'] : []),
    ...(data.places.some((place) => place.metrics.some((metric) => metric.guide)) ? ['Dashed: experts’ whole mask, the best that a method can do without reading the prompt.'] : []),
    ...(isCollapsed ? ['†: collapsed trainings, see the table.'] : []),
  ].join(' ');
  box.replaceChildren(...parts.filter(Boolean), make('p', { class: 'caption' }, note));
};

/** The look of a method, with the mark of the tables where it collapsed. */
function flagged(look, dataset) {
  return look.collapsed.has(dataset) ? { ...look, title: `${look.title} †` } : look;
}

function bestFirst(metric) {
  const sign = metric.better === 'up' ? -1 : 1;
  const value = (row) => row.value ?? -sign * Infinity;
  return [...metric.rows].sort((a, b) => sign * (value(a) - value(b)) || 0).map((row) => row.method);
}

function placesPanel(metric, looks, methods, room) {
  const { left, width } = room;
  const rows = methods.map((name) => metric.rows.find((row) => row.method === name)).filter(Boolean);
  const ranked = rows.some((row) => row.ranks[0] !== null);
  const right = width - (ranked ? RANKS + 22 : 14);
  const [low, high] = extent([...rows, ...(metric.guide ? [metric.guide] : [])]);
  const edge = (high - low || 1) * 0.06;
  const x = scale([low - edge, high + edge], [left, right]);
  const rank = scale([0.5, rows.length + 0.5], [width - RANKS, width - 4]);
  const bottom = 22 + rows.length * ROW;
  const parts = [...axisBelow(x, ticks(low - edge, high + edge, Math.max(2, Math.floor((right - left) / 50))), 18, bottom)];
  if (metric.guide) parts.push(...guideAt(x(metric.guide.value), metric.guide.title, bottom, width));
  if (ranked) parts.push(...rankAxis(rank, rows.length, bottom));
  rows.forEach((row, i) => parts.push(placesRow(row, looks.of(row.method), 32 + i * ROW, { ...room, x, rank, digits: metric.digits })));
  const values = rows.map((row) => `${looks.of(row.method).title} ${bracket(row, metric.digits)}`).join('; ');
  return [make('figcaption', {}, metric.title), drawing(width, bottom + 24, `${metric.title}: ${values}`, ...parts)];
}

function guideAt(x, title, bottom, width) {
  const middle = Math.min(x, width - widthOf(title) / 2 - 6);
  return [draw('line', { x1: x, x2: x, y1: 18, y2: bottom, class: 'guide' }), textAt(middle, 11, title, { class: 'tick', 'text-anchor': 'middle' })];
}

function rankAxis(rank, count, bottom) {
  const parts = [textAt((rank(1) + rank(count)) / 2, 11, 'Ranks', { class: 'tick', 'text-anchor': 'middle' })];
  const step = count <= 5 ? 1 : Math.ceil((count - 1) / 3); // more numbers would run into each other
  for (let n = 1; n <= count; n += step) {
    parts.push(draw('line', { x1: rank(n), x2: rank(n), y1: 18, y2: bottom, class: 'grid' }));
    parts.push(textAt(rank(n), bottom + 15, String(n), { class: 'tick', 'text-anchor': 'middle' }));
  }
  return parts;
}

function placesRow(row, look, y, { x, rank, digits, ...room }) {
  const parts = nameOf(look, room, y);
  if (row.lo !== null && row.hi !== null) parts.push(draw('line', { x1: x(row.lo), x2: x(row.hi), y1: y, y2: y, class: 'interval-line' }));
  if (row.value !== null) parts.push(marker(x(row.value), y, look));
  const [first, last] = row.ranks;
  if (first !== null) parts.push(draw('rect', { x: rank(first) - 5, width: rank(last) - rank(first) + 10, y: y - 4, height: 8, rx: 4, class: 'bar' }));
  const ranks = first === null ? '' : `; rank ${first === last ? first : `${first} to ${last}`}`;
  return explained(draw('g', { class: look.tone }, ...parts), `${look.title}: ${bracket(row, digits)}${ranks}`);
}
