// What charts share: drawing again when the width changes, a grid of panels, legends and intervals.

const LABEL_SIZE = 7.4; // pixels of one letter of a label, on average

const CHARTS = {};

/** Draw every chart of the page, and again whenever its width or the theme changes. */
function setUpCharts(data) {
  const looks = looksOf(data.methods);
  for (const box of $$('[data-chart]')) {
    const chart = CHARTS[box.dataset.chart];
    if (!chart) continue;
    let width = Math.floor(box.clientWidth);
    const again = () => {
      if (width > 0) chart(box, data, looks, width);
    };
    again();
    new ResizeObserver((entries) => {
      const now = Math.floor(entries[0].contentRect.width);
      if (now !== width) {
        width = now;
        again();
      }
    }).observe(box);
    document.addEventListener('theme', again);
  }
}

/** Panels side by side, as many as fit; each is drawn by `panel(item, width)`. */
function panels(items, width, least, most, panel) {
  const gap = 20;
  const across = Math.max(1, Math.min(most, Math.floor((width + gap) / (least + gap))));
  const each = Math.floor((width - gap * (across - 1)) / across);
  const grid = make('div', { class: `panels across-${across}` });
  grid.append(...items.map((item) => make('figure', { class: 'panel' }, ...[panel(item, each)].flat())));
  return grid;
}

function legend(looks, names, extra = []) {
  const items = names.map((name) => {
    const look = looks.of(name);
    const line = draw('line', { x1: 1, x2: 25, y1: 8, y2: 8, class: `curve ${look.dashed ? 'dashed' : ''}` });
    const symbol = draw('svg', { width: 26, height: 16, class: look.tone, 'aria-hidden': 'true' }, look.hollow ? null : line, marker(13, 8, look, 4));
    return make('li', {}, symbol, look.title);
  });
  return make('ul', { class: 'legend' }, ...items, ...extra);
}

/** The width that labels need. */
function widest(texts, most) {
  return Math.min(most, Math.max(...texts.map((text) => text.length), 1) * LABEL_SIZE + 12);
}

/** A label cut to a width, with the whole in its title. */
function label(x, y, text, width, attributes = {}) {
  const letters = Math.floor(width / LABEL_SIZE);
  const cut = [...text].length > letters ? `${[...text].slice(0, Math.max(1, letters - 1)).join('')}…` : text;
  const element = textAt(x, y, cut, attributes);
  element.append(draw('title', {}, text));
  return element;
}

/** Lines of a horizontal axis with its numbers below. */
function axisBelow(x, values, top, bottom, unit = '') {
  const digits = decimals(values);
  return values.flatMap((value) => [
    draw('line', { x1: x(value), x2: x(value), y1: top, y2: bottom, class: 'grid' }),
    textAt(x(value), bottom + 15, shown(value, digits) + unit, { class: 'tick', 'text-anchor': 'middle' }),
  ]);
}

function axisLeft(y, values, left, right) {
  const digits = decimals(values);
  return values.flatMap((value) => [
    draw('line', { x1: left, x2: right, y1: y(value), y2: y(value), class: 'grid' }),
    textAt(left - 6, y(value) + 4, shown(value, digits), { class: 'tick', 'text-anchor': 'end' }),
  ]);
}

/** Words in a box while the pointer is over an element. */
function explained(element, words) {
  element.addEventListener('pointermove', (event) => tip(words, event));
  element.addEventListener('pointerleave', () => tip(''));
  element.append(draw('title', {}, words));
  return element;
}

/** The ends of what is known among values with intervals. */
function extent(rows) {
  const known = rows.flatMap((row) => [row.value, row.lo, row.hi]).filter((v) => v !== null && v !== undefined);
  return known.length ? [Math.min(...known), Math.max(...known)] : [0, 1];
}

function bracket(row, digits) {
  const ends = row.lo === null || row.hi === null ? '' : ` [${shown(row.lo, digits)}, ${shown(row.hi, digits)}]`;
  return shown(row.value, digits) + ends;
}
