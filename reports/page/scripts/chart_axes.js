// Consistency by axis: bars from chance (0) towards the experts (1), with intervals.

CHARTS.axes = (box, data, looks, width) => {
  const parts = [];
  for (const item of data.axes) {
    if (data.axes.length > 1) parts.push(make('h4', {}, item.dataset));
    const limits = axesLimits(item.panels.flatMap((panel) => panel.rows));
    const names = [...new Set(item.panels.flatMap((panel) => panel.rows.map((row) => row.method)))];
    const titles = names.map((name) => looks.of(name).title);
    parts.push(namedOnce(item.panels, titles, width, 150, (panel, room) => axesPanel(panel, looks, names, limits, room)));
    parts.push(undefinedNote(item.undefined, 'the experts’ masks do no better than chance'));
  }
  const note = 'Chance-corrected consistency with 95 % intervals: 0 is chance, 1 is the experts’ masks. In brackets: share of prompts that state the axis. Hollow dots: predictors that never look at the image. An arrowhead: the interval goes on beyond the axis.';
  box.replaceChildren(...parts.filter(Boolean), make('p', { class: 'caption' }, note));
};

const AXES_FLOOR = -0.5; // beyond, intervals are cut: a rare axis must not squeeze the others
const AXES_TOP = 1.3;

function axesLimits(rows) {
  const [low, high] = extent(rows);
  return [Math.max(AXES_FLOOR, Math.min(-0.1, low)), Math.min(AXES_TOP, Math.max(1.05, high))];
}

function axesPanel(panel, looks, names, limits, room) {
  const { left, width } = room;
  const [low, high] = limits;
  const height = 22;
  const x = scale([low, high], [left, width - 12]);
  const bottom = 8 + names.length * height;
  const parts = axisBelow(x, ticks(low, high, Math.max(2, Math.floor((width - left) / 55))), 4, bottom);
  for (const at of [0, 1]) parts.push(draw('line', { x1: x(at), x2: x(at), y1: 4, y2: bottom, class: 'guide' }));
  for (const row of panel.rows) parts.push(axesRow(row, looks.of(row.method), 8 + height * (names.indexOf(row.method) + 0.5), x, limits, room));
  const title = `${panel.title} (${shown(100 * panel.coverage, 0)} %)`;
  const values = panel.rows.map((row) => `${looks.of(row.method).title} ${bracket(row, 2)}`).join('; ');
  return [make('figcaption', {}, title), drawing(width, bottom + 24, `${title}: ${values}`, ...parts)];
}

function axesRow(row, look, y, x, [low, high], room) {
  const within = (value) => Math.min(high, Math.max(low, value));
  const parts = nameOf(look, room, y);
  if (row.value !== null) {
    const [from, to] = [0, within(row.value)].map(x).sort((a, b) => a - b);
    if (!look.hollow) parts.push(draw('rect', { x: from, width: to - from, y: y - 6, height: 12, class: 'bar' }));
    if (row.lo !== null && row.hi !== null) {
      parts.push(draw('line', { x1: x(within(row.lo)), x2: x(within(row.hi)), y1: y, y2: y, class: 'whisker' }));
      for (const end of [row.lo, row.hi].filter((v) => v !== within(v))) {
        const side = end < low ? -1 : 1;
        parts.push(draw('path', { d: `M${x(within(end)) + 5 * side},${y}l${-5 * side},-4v8z`, class: 'whisker-end' }));
      }
    }
    if (look.hollow) parts.push(marker(x(within(row.value)), y, look, 4));
  }
  return explained(draw('g', { class: look.tone }, ...parts), `${look.title}: ${bracket(row, 2)}`);
}
