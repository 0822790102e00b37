// The cases of the page: the mask of one training for an image with a prompt, with everything that cases are sorted by.

class Cases {
  constructor(data, looks) {
    this.data = data;
    this.looks = looks;
    this.clean = new Map();
    this.pairs = data.pairs.map((pair, number) => this.pairOf(pair, number));
    this.pairs.filter((pair) => pair.isClean).forEach((pair) => this.clean.set(pair.pictureNumber, pair));
    this.all = this.pairs.flatMap((pair) => pair.cases);
    this.all.forEach((one) => this.complete(one));
  }

  pairOf(raw, number) {
    const picture = this.data.pictures[raw.picture];
    const dataset = this.data.datasets[picture.dataset];
    const condition = dataset.conditions[raw.condition];
    const pair = { number, picture, pictureNumber: raw.picture, dataset, condition, prompt: this.data.prompts[raw.prompt], isClean: condition.kind === 'clean' };
    pair.isReferring = condition.kind === 'referring'; // its correct mask is its own, not the experts' of the image
    pair.truth = raw.target ?? picture.truth;
    pair.cases = raw.cases.flatMap((values, i) => {
      if (!values) return [];
      const [dice, score, consistent, stability, mask, answers, edited] = values;
      const method = dataset.methods[i];
      return [{ pair, method, seed: dataset.seeds[i], isFirst: dataset.methods.indexOf(method) === i, dice, score, consistent, stability, mask, answers, edited }];
    });
    return pair;
  }

  /** Masks and verdicts that are the clean prompt's, and the drop from it. */
  complete(one) {
    const before = this.clean.get(one.pair.pictureNumber)?.cases.find((other) => other.method === one.method && other.seed === one.seed) ?? null;
    one.before = one.pair.isClean ? null : before;
    one.unchanged = one.mask === '=';
    if (one.unchanged) {
      one.mask = before?.mask ?? null;
      one.answers = before?.answers ?? [];
    }
    if (one.pair.isReferring) {
      one.answers = one.edited; // only its own prompt says what is right
      one.consistent = one.pair.truth && one.edited.length ? Number(one.edited.every(([, ok]) => ok)) : null;
    }
    one.drop = one.before && !one.pair.isReferring ? one.before.dice - one.dice : null;
  }

  /** The two methods of a pair whose masks have the least in common, by first trainings: {methods, dice}; null below two. */
  apart(pair) {
    if (pair.apart === undefined) {
      pair.apart = null;
      const drawn = pair.cases.filter((one) => one.mask !== null && one.isFirst);
      drawn.forEach((a, i) => drawn.slice(i + 1).forEach((b) => {
        const dice = diceOf(a.mask, b.mask);
        if (!pair.apart || dice < pair.apart.dice) pair.apart = { methods: [a.method, b.method], dice };
      }));
    }
    return pair.apart;
  }

  /** A case by the parts of its address; the first training where it names no seed. */
  find(dataset, image, condition, method, seed) {
    return this.all.find((one) => one.pair.dataset.name === dataset && one.pair.picture.name === image
      && one.pair.condition.name === condition && one.method === method
      && (seed === undefined ? one.isFirst : String(one.seed) === seed)) ?? null;
  }
}

// What one looks for: the key that cases are sorted by (null: not in the list), the smallest first, and what is shown.
const CASE_ORDERS = {
  lowest: { title: 'Lowest Dice', key: (one) => one.dice, shown: (one) => shown(100 * one.dice) },
  drop: {
    title: 'Largest drop by noise',
    key: (one) => (one.drop === null ? null : -one.drop),
    shown: (one) => shown(-100 * one.drop),
  },
  wrong: {
    title: 'Consistent but wrong',
    key: (one) => (one.consistent === 1 ? one.dice : null),
    shown: (one) => shown(100 * one.dice),
  },
  right: {
    title: 'Right but inconsistent',
    key: (one) => (one.consistent === 0 ? -one.dice : null),
    shown: (one) => shown(100 * one.dice),
  },
  apart: {
    title: 'Two methods differ most',
    ofPair: true,
    key: (one, cases) => cases.apart(one.pair)?.dice ?? null,
    shown: (one, cases) => shown(100 * cases.apart(one.pair).dice),
  },
  file: { title: 'Order of the dataset', key: (one) => one.pair.pictureNumber, shown: (one) => shown(100 * one.dice) },
};

const KIND_TITLES = { clean: 'Clean prompts', kept: 'Noise, meaning kept', missing: 'Findings missing', changed: 'Meaning changed', referring: 'Edited, correct mask known' };

const REFERRING_TITLES = {
  part: 'names a part of the lesions',
  nowhere: 'names a place without a lesion',
  mirrored: 'image flipped, sides exchanged in the prompt',
  conflict: 'image flipped, prompt unchanged',
};

function conditionTitle(condition) {
  if (condition.kind === 'clean') return 'clean prompt';
  if (condition.kind === 'referring') {
    const title = familyTitle(condition);
    return condition.severity > 1 ? `${title}, prompt ${condition.severity}` : title;
  }
  return `${spoken(condition.family)} ${condition.severity}`;
}

function familyTitle(condition) {
  return REFERRING_TITLES[condition.family] ?? spoken(condition.family);
}

/** The address of a case within the page. */
function caseLink(one) {
  const parts = [one.pair.dataset.name, one.pair.picture.name, one.pair.condition.name, one.method];
  if (!one.isFirst) parts.push(String(one.seed));
  return `#case=${parts.map(encodeURIComponent).join('/')}`;
}

/** The parts of such an address; null where it is none. */
function linkedCase(hash) {
  if (!hash.startsWith('#case=')) return null;
  try {
    const parts = hash.slice('#case='.length).split('/').map(decodeURIComponent);
    return parts.length === 4 || parts.length === 5 ? parts : null;
  } catch {
    return null; // a damaged address
  }
}
