// Dice against the severity of noise: one panel for each family, in the three kinds of noise.

CHARTS.severity = (box, data, looks, width) => {
  const parts = data.severity.some((item) => item.kinds.length) ? [legend(looks, looks.names)] : [];
  for (const item of data.severity) {
    if (data.severity.length > 1) parts.push(make('h4', {}, item.dataset));
    for (const kind of item.kinds) {
      const [low, high] = extent(kind.panels.flatMap(pointsOf)); // one scale for a kind, so that its families compare
      const limits = [Math.max(0, low - 2), Math.min(100, high + 2)];
      parts.push(make('h5', {}, kind.title));
      parts.push(panels(kind.panels, width, 200, 4, (panel, each) => severityPanel(panel, looks, each, limits)));
    }
    parts.push(undefinedNote(item.undefined, 'no image was scored under it'));
  }
  const note = 'Dice (%) against the severity of noise; 0 is the clean prompt. Bands and vertical lines: 95 % interval of the drop from the clean prompt. Dashed: text-free. A family without severities is run once, so its panel goes from clean to noisy. The panels of one kind share a scale.';
  box.replaceChildren(...parts.filter(Boolean), make('p', { class: 'caption' }, note));
};

function pointsOf(panel) {
  return panel.curves.flatMap((curve) => curve.points.map(([, value, lo, hi]) => ({ value, lo, hi })));
}

function severityPanel(panel, looks, width, limits) {
  const [height, left, bottom] = [170, 34, 148];
  const last = Math.max(...panel.curves.flatMap((curve) => curve.points.map((point) => point[0])), 1);
  const x = scale([0, last], [left + 8, width - (last === 1 ? 12 + 2.5 * panel.curves.length : 12)]);
  const y = scale(limits, [bottom, 8]);
  const steps = [...new Set(panel.curves.flatMap((curve) => curve.points.map((point) => point[0])))].sort((a, b) => a - b);
  const parts = axisLeft(y, ticks(...limits, 4), left, width - 4);
  for (const step of steps) {
    if (last > 1) parts.push(textAt(x(step), bottom + 16, String(step), { class: 'tick', 'text-anchor': 'middle' }));
    else parts.push(textAt(x(step), bottom + 16, step ? 'noisy' : 'clean', { class: 'tick', 'text-anchor': 'middle' }));
  }
  const within = (value) => y(Math.min(limits[1], Math.max(limits[0], value)));
  const spread = (i) => (last === 1 ? (i - (panel.curves.length - 1) / 2) * 5 : 0); // so that intervals do not hide each other
  panel.curves.forEach((curve, i) => {
    const moved = (severity) => x(severity) + (severity ? spread(i) : 0);
    parts.push(severityCurve(curve, looks.of(curve.method), moved, within, last === 1));
  });
  const values = panel.curves.map((curve) => `${looks.of(curve.method).title} ${curve.points.map((p) => shown(p[1])).join(', ')}`);
  return [make('figcaption', {}, spoken(panel.title)), drawing(width, height, `${panel.title}: ${values.join('; ')}`, ...parts)];
}

function severityCurve(curve, look, x, y, single) {
  const known = curve.points.filter((point) => point[1] !== null);
  const parts = [];
  const banded = known.filter((point) => point[2] !== null && point[3] !== null);
  if (single) {
    banded.slice(1).forEach(([s, , lo, hi]) => parts.push(draw('line', { x1: x(s), x2: x(s), y1: y(lo), y2: y(hi), class: 'interval-line' })));
  } else if (banded.length > 1) {
    const edge = [...banded.map(([s, , lo]) => [s, lo]), ...banded.map(([s, , , hi]) => [s, hi]).reverse()];
    parts.push(draw('path', { d: `M${edge.map(([s, v]) => `${x(s)},${y(v)}`).join('L')}z`, class: 'band' }));
  }
  parts.push(draw('path', { d: `M${known.map(([s, v]) => `${x(s)},${y(v)}`).join('L')}`, class: `curve ${look.dashed ? 'dashed' : ''}` }));
  for (const [severity, value, lo, hi] of known) {
    const text = `${look.title}, ${severity ? `severity ${severity}` : 'clean'}: ${bracket({ value, lo: severity ? lo : null, hi }, 1)}`;
    parts.push(explained(marker(x(severity), y(value), look, 3.4), text));
  }
  return draw('g', { class: look.tone }, ...parts);
}
