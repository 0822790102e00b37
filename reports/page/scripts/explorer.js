// The explorer: a list of cases, sorted and filtered by what one looks for, beside one of them in full.

const STEP = 60; // cases that are listed at once
const COLLAPSED = 'collapsed:'; // a choice of methods; no label has a colon

class ExplorerPanel {
  constructor(box, data, looks) {
    this.cases = new Cases(data, looks);
    this.looks = looks;
    this.order = 'lowest';
    this.limit = STEP;
    this.view = new CaseView(this.cases, looks, (step) => this.step(step), (one) => this.ofTraining(one));
    this.list = make('ol', { class: 'list', 'aria-label': 'Cases' });
    this.count = make('output', { class: 'count' });
    this.more = make('button', { type: 'button', class: 'button', on: { click: () => { this.limit += STEP; this.update(false); } } }, 'Show more');
    this.none = make('p', { class: 'why', hidden: true }, 'No case has these prompts, methods and words. Choose other filters.');
    this.list.addEventListener('keydown', (event) => this.onKey(event));
    box.replaceChildren(this.tools(data), make('div', { class: 'beside' },
      make('div', { class: 'choices' }, make('div', {}, make('div', {}, this.count, this.none, this.list, this.more))), this.view.element));
    window.addEventListener('hashchange', () => this.follow(true));
    this.update(true);
    this.follow(true);
  }

  tools(data) {
    const datasets = data.datasets.map((dataset) => [dataset.name, dataset.name]);
    const methods = [...new Set(data.datasets.flatMap((dataset) => dataset.methods))].map((name) => [name, this.looks.of(name).title]);
    const collapsed = methods.some(([name]) => this.looks.of(name).collapsed.size) ? [[COLLAPSED, 'Collapsed methods only']] : [];
    const seeds = [...new Set(data.datasets.flatMap((dataset) => dataset.seeds))].sort((a, b) => a - b);
    this.fields = {
      order: selection('Sort by', Object.entries(CASE_ORDERS).map(([name, { title }]) => [name, title])),
      prompt: selection('Prompts', [['', 'All prompts'], ...promptChoices(data)]),
      method: selection('Method', [['', 'All methods'], ...collapsed, ...methods]),
      seed: selection('Training', [['', 'First of each method'], ['all', 'All trainings'], ...seeds.map((seed) => [String(seed), `Seed ${seed}`])]),
      dataset: selection('Dataset', [['', 'All datasets'], ...datasets]),
      text: make('label', {}, 'Find', make('input', { type: 'search', 'aria-label': 'Find', placeholder: 'image or prompt', autocomplete: 'off' })),
    };
    this.fields.prompt.lastChild.value = 'kind:clean';
    this.fields.dataset.hidden = datasets.length < 2;
    this.fields.seed.hidden = !this.cases.all.some((one) => !one.isFirst);
    for (const [name, field] of Object.entries(this.fields)) field.lastChild.addEventListener('input', () => this.changed(name));
    return make('form', { class: 'tools', on: { submit: (event) => event.preventDefault() } }, ...Object.values(this.fields));
  }

  value(name) {
    return this.fields[name].lastChild.value;
  }

  changed(name) {
    if (name === 'order' && this.value('order') === 'drop' && this.value('prompt') === 'kind:clean') {
      this.fields.prompt.lastChild.value = ''; // clean prompts have no drop
    }
    this.limit = STEP;
    this.update(true);
  }

  /** Whether a case is of a training that is chosen; pairs of methods are compared by their first trainings. */
  ofTraining(one) {
    const seed = this.value('seed');
    if (!seed || CASE_ORDERS[this.value('order')].ofPair) return one.isFirst;
    return seed === 'all' || String(one.seed) === seed;
  }

  ofMethod(one, method) {
    if (method === COLLAPSED) return this.looks.of(one.method).collapsed.has(one.pair.dataset.name);
    return !method || one.method === method;
  }

  /** The cases that pass the filters, in order. */
  sorted() {
    const order = CASE_ORDERS[this.value('order')];
    const [what, name] = this.value('prompt').split(/:(.*)/s);
    const [method, dataset, text] = ['method', 'dataset', 'text'].map((field) => this.value(field));
    const passes = (one) => this.ofMethod(one, method) && this.ofTraining(one) && (!dataset || one.pair.dataset.name === dataset)
      && (!what || one.pair.condition[what] === name)
      && (!text || matches(`${one.pair.picture.name} ${one.pair.prompt.parts.map(([part]) => part).join('')}`, text));
    let kept = this.cases.all.filter(passes);
    if (order.ofPair) kept = kept.filter((one) => !method ? one.pair.cases[0] === one : true);
    const keyed = kept.map((one) => [order.key(one, this.cases), one]).filter(([key]) => key !== null);
    return keyed.sort((a, b) => a[0] - b[0]).map(([, one]) => one);
  }

  update(selectsFirst) {
    this.passing = this.sorted();
    const order = CASE_ORDERS[this.value('order')];
    this.list.replaceChildren(...this.passing.slice(0, this.limit).map((one) => this.item(one, order)));
    this.count.textContent = `${this.passing.length.toLocaleString('en')} ${order.ofPair ? 'pairs' : 'cases'}`;
    this.more.hidden = this.passing.length <= this.limit;
    this.none.hidden = this.passing.length > 0;
    if (selectsFirst && this.passing.length) this.select(this.passing[0], false);
    else this.markCurrent();
  }

  item(one, order) {
    const look = this.looks.of(one.method);
    const methods = order.ofPair ? this.cases.apart(one.pair).methods.map((name) => this.looks.of(name).title).join(' and ') : look.title;
    const { condition } = one.pair;
    const isOne = condition.kind === 'clean' || /^(name|family):/.test(this.value('prompt')); // named by the filter already
    const detail = [one.isFirst ? methods : `${methods}, seed ${one.seed}`, ...(isOne ? [] : [conditionTitle(condition)])].join(' · ');
    const symbol = order.ofPair ? null : draw('svg', { width: 14, height: 14, class: look.tone, 'aria-hidden': 'true' }, marker(7, 7, look, 4));
    const button = make('button', { type: 'button', on: { click: () => this.select(one, true) } },
      make('span', { class: 'number' }, order.shown(one, this.cases)),
      make('span', { class: 'name' }, one.pair.picture.name),
      make('span', { class: 'detail', title: detail }, symbol, ` ${detail}`));
    button.one = one;
    return make('li', {}, button);
  }

  select(one, linked) {
    this.current = one;
    this.markCurrent();
    this.view.show(one);
    if (linked) window.history.replaceState(null, '', caseLink(one));
  }

  markCurrent() {
    for (const button of $$('button', this.list)) {
      if (button.one === this.current) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
    }
  }

  step(by) {
    const at = this.passing.indexOf(this.current);
    const next = this.passing[at + by];
    if (!next) return;
    if (at + by >= this.limit) {
      this.limit += STEP;
      this.update(false);
    }
    this.select(next, true);
    $('[aria-current]', this.list)?.scrollIntoView({ block: 'nearest' });
    $(`[data-step="${by > 0 ? 'on' : 'back'}"]`, this.view.element)?.focus({ preventScroll: true });
  }

  onKey(event) {
    const by = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const buttons = $$('button', this.list);
    const next = buttons[buttons.indexOf(document.activeElement) + by];
    next?.focus();
    next?.click();
  }

  /** Show the case that the page's address names. */
  follow(scrolls) {
    const linked = linkedCase(window.location.hash);
    const one = linked && this.cases.find(...linked);
    if (!one) return;
    this.select(one, false);
    if (scrolls) $('#explorer').scrollIntoView();
  }
}

function selection(title, choices) {
  return make('label', {}, title, make('select', { 'aria-label': title }, ...choices.map(([value, text]) => (
    Array.isArray(text) ? make('optgroup', { label: value }, ...text.map(([name, title]) => make('option', { value: name }, title))) : make('option', { value }, text)))));
}

/** The kinds of prompts, then every condition under its kind. */
function promptChoices(data) {
  const conditions = new Map(data.datasets.flatMap((dataset) => dataset.conditions).map((condition) => [condition.name, condition]));
  const kinds = Object.keys(KIND_TITLES).filter((kind) => [...conditions.values()].some((condition) => condition.kind === kind));
  const choice = (condition) => (condition.kind === 'referring' ? [`family:${condition.family}`, familyTitle(condition)] : [`name:${condition.name}`, conditionTitle(condition)]);
  const groups = kinds.filter((kind) => kind !== 'clean').map((kind) => [KIND_TITLES[kind],
    [...new Map([...conditions.values()].filter((condition) => condition.kind === kind).map(choice))]]);
  return [...kinds.map((kind) => [`kind:${kind}`, KIND_TITLES[kind]]), ...groups];
}

function setUpExplorer(looks) {
  const data = records('data-cases');
  if (data) new ExplorerPanel($('#explorer'), data, looks);
}
