// Dice against consistency, a dot per test image under its own prompt, a panel per method.

const SHAKE = 0.03; // consistency has few values: dots are moved a little up or down, the same way each time

CHARTS.scatter = (box, data, looks, width) => {
  const cases = records('data-cases');
  const parts = [];
  cases.datasets.forEach((dataset, d) => {
    if (cases.datasets.length > 1) parts.push(make('h4', {}, dataset.name));
    const items = dataset.methods.map((method, m) => ({ method, dice: dataset.dice[m], score: dataset.score[m], images: dataset.images, d }))
      .filter((item, m) => dataset.methods.indexOf(item.method) === m); // the first training of each method
    parts.push(panels(items, width, width < 500 ? 150 : 220, 4, (item, each) => scatterPanel(item, cases, looks, each)));
  });
  const note = 'A dot is a test image under its own prompt: its Dice (%) across, its graded consistency with the prompt (%) upwards, moved by up to 1.5 points so that dots do not hide each other. Lower right: good masks that contradict their prompt. Upper left: masks that agree with it and are wrong. Prompts that state nothing have no dot.';
  box.replaceChildren(...parts, make('p', { class: 'caption' }, note));
};

function scatterPanel(item, cases, looks, width) {
  const look = looks.of(item.method);
  const height = Math.min(244, width + 14);
  const dots = item.dice.flatMap((dice, i) => (dice < 0 || item.score[i] < 0 ? [] : [{ dice, score: item.score[i], picture: item.images[i], i }]));
  const canvas = make('canvas', { role: 'img', 'aria-label': `${look.title}: ${dots.length} images, Dice against consistency`, class: look.tone });
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const [left, bottom] = [44, height - 34];
  const x = scale([0, 1000], [left + 4, width - 6]);
  const y = scale([0, 1000], [bottom - 6, 10]);
  for (const dot of dots) [dot.x, dot.y] = [x(dot.dice), y(dot.score + 1000 * SHAKE * (((dot.i * 0.618034) % 1) - 0.5))];
  requestAnimationFrame(() => paintScatter(canvas, { width, height, left, bottom, x, y, dots }));
  const nearest = (event) => {
    const box = canvas.getBoundingClientRect();
    const distance = (dot) => Math.hypot(dot.x - (event.clientX - box.left), dot.y - (event.clientY - box.top));
    const best = dots.reduce((a, b) => (a && distance(a) <= distance(b) ? a : b), null);
    return best && distance(best) < 12 ? best : null;
  };
  canvas.addEventListener('pointermove', (event) => {
    const dot = nearest(event);
    const isShown = dot && dot.picture >= 0;
    canvas.style.cursor = isShown ? 'pointer' : 'default';
    const name = isShown ? cases.pictures[dot.picture].name : 'an image that is not in the page';
    tip(dot ? `${name}: Dice ${shown(dot.dice / 10)}, consistency ${shown(dot.score / 10)}` : '', event);
  });
  canvas.addEventListener('pointerleave', () => tip(''));
  canvas.addEventListener('click', (event) => {
    const dot = nearest(event);
    if (!dot || dot.picture < 0) return;
    const parts = [cases.datasets[item.d].name, cases.pictures[dot.picture].name, 'clean', item.method];
    window.location.hash = `#case=${parts.map(encodeURIComponent).join('/')}`;
  });
  return [make('figcaption', {}, look.title), canvas];
}

function paintScatter(canvas, { width, height, left, bottom, x, y, dots }) {
  const ratio = window.devicePixelRatio || 1;
  [canvas.width, canvas.height] = [width * ratio, height * ratio];
  const context = canvas.getContext('2d');
  context.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const faint = getComputedStyle(document.body);
  context.font = `11px ${style.fontFamily}`;
  context.fillStyle = faint.getPropertyValue('color');
  context.strokeStyle = context.fillStyle;
  for (const value of [0, 50, 100]) {
    context.globalAlpha = 0.7;
    context.textAlign = value === 0 ? 'left' : value === 100 ? 'right' : 'center';
    context.fillText(String(value), x(10 * value), bottom + 14);
    context.textAlign = 'right';
    context.fillText(String(value), left - 4, y(10 * value) + 4);
    context.globalAlpha = 0.15;
    context.beginPath();
    context.moveTo(x(10 * value), 4);
    context.lineTo(x(10 * value), bottom);
    context.moveTo(left, y(10 * value));
    context.lineTo(width - 2, y(10 * value));
    context.stroke();
  }
  context.globalAlpha = 0.85;
  context.textAlign = 'center';
  context.fillText('Dice', x(500), height - 4);
  context.save();
  context.translate(11, y(500));
  context.rotate(-Math.PI / 2);
  context.fillText('Consistency', 0, 0);
  context.restore();
  context.globalAlpha = dots.length > 150 ? 0.45 : 0.7;
  context.fillStyle = style.color;
  for (const dot of dots) {
    context.beginPath();
    context.arc(dot.x, dot.y, dots.length > 600 ? 2 : 3, 0, 2 * Math.PI);
    context.fill();
  }
}
