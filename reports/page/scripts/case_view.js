// One pair in full: the prompt and its reading, the image, the experts' mask and every method's, with the verdicts.

const AT_A_GLANCE = 6; // methods; among more, the chosen one comes first
const LAYERS = { outline: 'Outlines', filled: 'Filled', none: 'Image only' };

class CaseView {
  /**
   * @param {Function} go shows the case that many steps on.
   * @param {Function} isShown whether a case is of a training that is shown.
   */
  constructor(cases, looks, go, isShown) {
    this.isShown = isShown;
    this.cases = cases;
    this.looks = looks;
    this.layer = 'outline';
    this.showsExperts = true;
    this.showsBefore = false;
    this.element = make('div', { class: 'case' });
    this.go = go;
    document.addEventListener('theme', () => this.paintAll());
    new ResizeObserver(() => this.paintAll()).observe(this.element);
  }

  async show(one) {
    this.one = one;
    const { pair } = one;
    const clean = this.cases.clean.get(pair.pictureNumber);
    const prompts = [markedPrompt(pair.isClean ? 'Prompt' : 'Prompt given', pair.prompt)];
    if (!pair.isClean && clean) prompts.push(markedPrompt('Clean prompt', clean.prompt));
    this.tiles = [
      this.tile(pair.condition.flipped ? 'Image, flipped' : 'Image', null, []),
      this.tile(expertsTitle(pair), null, [{ mask: pair.truth, colour: EXPERT_COLOUR, experts: true }]),
      ...this.shownCases().map((each) => this.methodTile(each)),
    ];
    this.element.replaceChildren(
      this.heading(pair), make('div', { class: `prompts ${prompts.length > 1 ? 'two' : ''}` }, ...prompts), this.controls(pair),
      make('div', { class: 'tiles' },
        make('div', { class: 'given' }, ...this.tiles.filter((tile) => !tile.isMethod).map((tile) => tile.element)),
        make('div', { class: 'drawn' }, ...this.tiles.filter((tile) => tile.isMethod).map((tile) => tile.element))));
    this.image = await loaded(pair.picture.jpeg);
    if (this.one === one) this.paintAll();
  }

  /** The cases of the pair whose training is shown, in the order of the methods. */
  shownCases() {
    const cases = this.one.pair.cases.filter((each) => each === this.one || this.isShown(each));
    return cases.length <= AT_A_GLANCE ? cases : [this.one, ...cases.filter((each) => each !== this.one)];
  }

  heading(pair) {
    const kind = pair.isClean ? '' : ` · ${KIND_TITLES[pair.condition.kind].toLowerCase()}`;
    const link = make('button', { type: 'button', class: 'button', on: { click: (event) => copyLink(event.target) } }, 'Copy link');
    return make('header', {},
      make('div', {}, make('h4', {}, pair.picture.name), make('p', { class: 'where' }, `${pair.dataset.name} · ${conditionTitle(pair.condition)}${kind}`)),
      make('div', { class: 'steps' },
        make('button', { type: 'button', class: 'button', 'data-step': 'back', on: { click: () => this.go(-1) } }, '← Previous'),
        make('button', { type: 'button', class: 'button', 'data-step': 'on', on: { click: () => this.go(1) } }, 'Next →'), link));
  }

  controls(pair) {
    const choose = (name) => { this.layer = name; this.paintAll(); };
    const radios = Object.entries(LAYERS).map(([name, title]) => make('label', {},
      make('input', { type: 'radio', name: 'layer', value: name, checked: this.layer === name, on: { change: () => choose(name) } }), title));
    const toggle = (title, property) => make('label', {},
      make('input', { type: 'checkbox', checked: this[property], on: { change: (event) => { this[property] = event.target.checked; this.paintAll(); } } }), title);
    return make('fieldset', { class: 'layers' }, make('legend', { class: 'unseen' }, 'What is drawn over the image'), ...radios,
      toggle(pair.isReferring ? 'Correct mask (blue, dashed)' : 'Experts’ outline (blue, dashed)', 'showsExperts'),
      pair.isClean ? null : toggle('Mask of the clean prompt (white)', 'showsBefore'));
  }

  tile(title, look, layers, ...below) {
    const canvas = make('canvas', { role: 'img', 'aria-label': title });
    const symbol = look ? draw('svg', { width: 16, height: 16, class: look.tone, 'aria-hidden': 'true' }, marker(8, 8, look, 4.5)) : null;
    const element = make('figure', { class: 'tile' }, make('figcaption', {}, symbol, make('span', {}, title)), make('div', {}, canvas, ...below));
    return { element, canvas, layers };
  }

  methodTile(each) {
    const look = this.looks.of(each.method);
    const layers = [];
    if (each.mask !== null) layers.push({ mask: each.mask, colour: MASK_COLOUR });
    const several = each.pair.cases.some((other) => other.method === each.method && !other.isFirst);
    const tile = this.tile(several ? `${look.title}, seed ${each.seed}` : look.title, look, layers, ...this.verdict(each));
    tile.before = each.before?.mask ?? null;
    tile.isMethod = true;
    tile.element.dataset.method = each.method;
    if (each === this.one) tile.element.classList.add('chosen');
    return tile;
  }

  verdict(each) {
    const drop = each.drop === null ? '' : each.unchanged ? ' same mask' : ` ${each.drop > 0 ? '▼' : '▲'} ${shown(Math.abs(100 * each.drop))}`;
    const dice = make('p', { class: 'dice' }, make('b', {}, shown(100 * each.dice)), ' Dice', drop ? make('span', { class: 'change', title: 'against the clean prompt' }, drop) : null);
    if (each.mask === null) return [dice, make('p', { class: 'why' }, 'The run has no mask of this method for this prompt.')];
    if (isEmpty(each.mask)) dice.append(' ', make('span', { class: 'change' }, '· empty mask'));
    if (each.pair.isReferring && !each.pair.truth) return [dice, answersOf([['nothing', Number(each.dice === 1), each.dice === 1 ? 'the mask is empty' : 'the mask is not empty']])];
    const edited = each.edited.length && !each.pair.isReferring ? [make('h6', {}, 'Edited prompt'), answersOf(each.edited), make('h6', {}, 'Clean prompt')] : [];
    return [dice, ...edited, answersOf(each.answers)];
  }

  paintAll() {
    if (!this.one || !this.image) return;
    const { picture, truth, condition: { flipped } } = this.one.pair;
    const experts = { mask: truth, colour: EXPERT_COLOUR, dashed: true };
    for (const tile of this.tiles) {
      const layers = this.layer === 'none' ? [] : tile.layers.map((layer) => ({ ...layer, filled: this.layer === 'filled' }));
      if (tile.isMethod && this.layer !== 'none') {
        if (this.showsBefore && tile.before !== null) layers.unshift({ mask: tile.before, colour: [255, 255, 255], flipped });
        if (this.showsExperts) layers.push(experts);
      }
      paint(tile.canvas, this.image, picture, layers, flipped);
    }
  }
}

function expertsTitle(pair) {
  if (!pair.isReferring) return 'Experts';
  return pair.truth ? 'Correct mask' : 'Correct mask: empty';
}

function answersOf(answers) {
  if (!answers.length) return make('p', { class: 'why' }, 'The prompt states nothing that a mask could contradict.');
  return make('ul', { class: 'answers' }, ...answers.map(([axis, ok, why]) => make('li', { class: ok ? 'holds' : 'fails' },
    make('b', {}, `${ok ? '✓' : '✗'} ${AXIS_TITLES[axis] ?? axis}`), make('span', {}, `${ok ? '' : 'fails: '}${why}`))));
}

async function loaded(jpeg) {
  const image = new Image();
  image.src = `data:image/jpeg;base64,${jpeg}`;
  await image.decode().catch(() => {}); // a damaged image: `paint` leaves it out
  return image;
}

async function copyLink(button) {
  const done = await copyText(window.location.href);
  button.textContent = done ? 'Copied' : 'See the address bar';
  setTimeout(() => { button.textContent = 'Copy link'; }, 1500);
}
