// What charts share: drawing again when the width changes, a grid of panels, legends and intervals.

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

const UNNAMED = 8; // pixels left of the values in a panel that does not name its rows

/**
 * Panels with the same rows side by side, the rows named once at the left; below each other where that is too narrow.
 * Each is drawn by `panel(item, {left, width, named})`, with `left` pixels before its values.
 */
function namedOnce(items, names, width, least, panel) {
  const gap = 16;
  const named = widest(names, Math.max(150, width * 0.34));
  const each = Math.floor((width - named - (gap + UNNAMED) * (items.length - 1)) / items.length);
  const beside = each >= least;
  const figures = items.map((item, i) => {
    const isNamed = !(beside && i);
    const left = isNamed ? named : UNNAMED;
    const [caption, ...rest] = panel(item, { left, width: beside ? left + each : width, named: isNamed });
    caption.style.paddingLeft = `${left}px`;
    const figure = make('figure', { class: 'panel' }, caption, ...rest);
    figure.style.width = `${beside ? left + each : width}px`; // a long caption must not widen it
    return figure;
  });
  return make('div', { class: 'row-of-panels' }, ...figures);
}

/** The name of a row, before its values. */
function nameOf(look, { left, named }, y) {
  return named ? [label(left - 12, y + 4, look.title, left - 12, { class: 'label', 'text-anchor': 'end' })] : [];
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

const RULER = document.createElement('canvas').getContext('2d');

/** Pixels that a label takes. */
function widthOf(text) {
  RULER.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  return RULER.measureText(text).width;
}

/** The width that labels need, with their distance to what they name. */
function widest(texts, most) {
  return Math.min(most, Math.max(...texts.map(widthOf), 1) + 14);
}

/** A label cut to a width in its middle, since names often differ at their ends; the whole is in its title. */
function label(x, y, text, width, attributes = {}) {
  const letters = [...text];
  let cut = text;
  for (let kept = letters.length - 1; kept > 1 && widthOf(cut) > width; kept -= 1) {
    cut = `${letters.slice(0, Math.floor(kept / 2)).join('')}…${letters.slice(-Math.ceil(kept / 2)).join('')}`;
  }
  const element = textAt(x, y, cut, attributes);
  if (cut !== text) element.append(draw('title', {}, text));
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

/** A sentence that names what is not drawn because no method has a value of it; null where there is nothing. */
function undefinedNote(titles, why) {
  if (!titles.length) return null;
  return make('p', { class: 'caption' }, `Not drawn: ${titles.map(spoken).join(', ')}. No method has a value there, because ${why}.`);
}

/** Shows a text in a box while the pointer is over an element. */
function explained(element, text) {
  element.addEventListener('pointermove', (event) => tip(text, event));
  element.addEventListener('pointerleave', () => tip(''));
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
