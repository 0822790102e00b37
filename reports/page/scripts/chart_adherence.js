// Edited prompts: from the share of masks that agreed with the edit before it was made, to the share that follow it.

CHARTS.adherence = (box, data, looks, width) => {
  const parts = [];
  for (const item of data.adherence) {
    if (data.adherence.length > 1) parts.push(make('h4', {}, item.dataset));
    parts.push(panels(item.families, width, 300, 3, (family, each) => adherencePanel(family, looks, each)));
    parts.push(undefinedNote(item.undefined, 'no image has such an edited prompt'));
  }
  const note = 'Share of masks (%) that satisfy the edited prompt. Hollow mark: the method’s masks of the true prompt, before the edit. Filled mark: its masks of the edited prompt, with the 95 % interval. Only the step between the two is due to reading. Light bar: share of empty masks. Dashed line: experts’ masks of such prompts.';
  box.replaceChildren(...parts.filter(Boolean), make('p', { class: 'caption' }, note));
};

function adherencePanel(family, looks, width) {
  const height = 24;
  const left = widest(family.rows.map((row) => looks.of(row.method).title), width * 0.46);
  const x = scale([0, 1], [left, width - 14]);
  const bottom = 8 + family.rows.length * height;
  const percent = scale([0, 100], [left, width - 14]);
  const parts = axisBelow(percent, [0, 25, 50, 75, 100], 4, bottom);
  if (family.ceiling !== null) parts.push(draw('line', { x1: x(family.ceiling), x2: x(family.ceiling), y1: 4, y2: bottom, class: 'guide' }));
  family.rows.forEach((row, i) => parts.push(adherenceRow(row, looks.of(row.method), 8 + height * (i + 0.5), x, left)));
  const title = `${family.title}${family.n ? ` (${family.n} images)` : ''}`;
  const values = family.rows.map((row) => `${looks.of(row.method).title} ${adherenceText(row)}`).join('; ');
  return [make('figcaption', {}, title), drawing(width, bottom + 24, `${title}: ${values}`, ...parts)];
}

function adherenceText(row) {
  const ends = row.lo === null ? '' : ` [${shown(100 * row.lo)}, ${shown(100 * row.hi)}]`;
  const empty = row.empty === null ? '' : `, ${shown(100 * row.empty)} % empty masks`;
  return `${shown(100 * row.followed)} %${ends} after the edit, ${shown(100 * row.before)} % before${empty}`;
}

function adherenceRow(row, look, y, x, left) {
  const parts = [label(left - 10, y + 4, look.title, left - 10, { class: 'label', 'text-anchor': 'end' })];
  if (row.empty) parts.push(draw('rect', { x: x(0), width: x(row.empty) - x(0), y: y - 8, height: 16, class: 'empty-share' }));
  if (row.lo !== null) parts.push(draw('line', { x1: x(row.lo), x2: x(row.hi), y1: y, y2: y, class: 'interval-line' }));
  if (row.before !== null && row.followed !== null) parts.push(draw('line', { x1: x(row.before), x2: x(row.followed), y1: y, y2: y, class: 'gain' }));
  if (row.before !== null) parts.push(marker(x(row.before), y, { ...look, hollow: true }, 4));
  if (row.followed !== null) parts.push(marker(x(row.followed), y, look, 4.5));
  return explained(draw('g', { class: look.tone }, ...parts), `${look.title}: ${adherenceText(row)}`);
}
