// Result: each method's value with its interval, and the places that the comparison of all pairs leaves open.

CHARTS.places = (box, data, looks, width) => {
  const items = data.places.flatMap((place) =>
    place.metrics.filter((metric) => metric.rows.length).map((metric) => ({ ...metric, dataset: place.dataset, many: data.places.length > 1 })));
  const note = 'Dot and line: value with its 95 % interval. Bar on the right: the places that the comparison of all pairs leaves open.';
  box.replaceChildren(panels(items, width, 330, 2, (item, each) => placesPanel(item, looks, each)), make('p', { class: 'caption' }, note));
};

const ROW = 26;

function placesPanel(item, looks, width) {
  const sign = item.better === 'up' ? -1 : 1;
  const value = (row) => row.value ?? -sign * Infinity;
  const rows = [...item.rows].sort((a, b) => sign * (value(a) - value(b)) || 0);
  const digits = item.unit ? 1 : 2;
  const ranked = rows.some((row) => row.ranks[0] !== null);
  const left = widest(rows.map((row) => looks.of(row.method).title), width * 0.34);
  const placesWidth = ranked ? Math.min(110, width * 0.24) : 0;
  const right = width - placesWidth - (ranked ? 28 : 10);
  const [low, high] = extent(rows);
  const room = (high - low || 1) * 0.04;
  const x = scale([low - room, high + room], [left, right]);
  const rank = scale([0.5, rows.length + 0.5], [width - placesWidth, width - 2]);
  const bottom = 22 + rows.length * ROW;
  const parts = [...axisBelow(x, ticks(low - room, high + room, Math.max(2, Math.floor((right - left) / 60))), 18, bottom)];
  if (ranked) {
    parts.push(textAt(width - placesWidth, 11, 'Open places', { class: 'tick' }));
    for (let n = 1; n <= rows.length; n += Math.ceil(rows.length / 5)) {
      parts.push(draw('line', { x1: rank(n), x2: rank(n), y1: 18, y2: bottom, class: 'grid' }));
      parts.push(textAt(rank(n), bottom + 15, String(n), { class: 'tick', 'text-anchor': 'middle' }));
    }
  }
  rows.forEach((row, i) => parts.push(placesRow(row, looks.of(row.method), { y: 32 + i * ROW, x, rank, left, ranked, digits })));
  const unit = item.unit ? ` (${item.unit})` : '';
  const title = `${item.many ? `${item.dataset}: ` : ''}${item.title}${unit}`;
  const words = rows.map((row) => `${looks.of(row.method).title} ${bracket(row, digits)}`).join('; ');
  return [make('figcaption', {}, title), drawing(width, bottom + 24, `${title}: ${words}`, ...parts)];
}

function placesRow(row, look, { y, x, rank, left, ranked, digits }) {
  const parts = [label(left - 10, y + 4, look.title, left - 10, { class: 'label', 'text-anchor': 'end' })];
  if (row.lo !== null && row.hi !== null) parts.push(draw('line', { x1: x(row.lo), x2: x(row.hi), y1: y, y2: y, class: 'interval-line' }));
  if (row.value !== null) parts.push(marker(x(row.value), y, look));
  const open = ranked && row.ranks[0] !== null ? row.ranks : null;
  if (open) parts.push(draw('rect', { x: rank(open[0]) - 6, width: rank(open[1]) - rank(open[0]) + 12, y: y - 5, height: 10, rx: 5, class: 'bar' }));
  const places = open ? `; place ${open[0] === open[1] ? open[0] : `${open[0]} to ${open[1]}`}` : '';
  return explained(draw('g', { class: look.tone }, ...parts), `${look.title}: ${bracket(row, digits)}${places}`);
}
