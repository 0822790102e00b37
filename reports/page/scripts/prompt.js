// A prompt with what was read from it marked, and what was left out struck through, with reasons below.

const AXIS_TITLES = { count: 'Count', side: 'Side', position: 'Position', size: 'Size', nothing: 'Nothing to segment', absent: 'Nothing to segment', denied: 'Denied', past: 'Past' };

function markedPrompt(title, prompt) {
  const parts = prompt.parts.map(([text, kind]) => markedPart(text, kind));
  const blank = !prompt.parts.some(([text]) => text.trim());
  return make('div', { class: 'prompt' },
    make('h5', {}, title),
    make('p', { class: 'words' }, ...(blank ? [make('em', {}, 'no text')] : parts)),
    readingOf(prompt, blank));
}

function markedPart(text, kind) {
  if (!kind) return text;
  if (kind === 'left out') return make('s', { class: 'left-out', title: 'left out' }, text);
  return make('mark', { class: `read ${kind}`, title: AXIS_TITLES[kind] ?? kind }, text);
}

function readingOf(prompt, blank) {
  const items = prompt.read.map(([axis, value, rule]) => make('li', {},
    make('mark', { class: `read ${axis === 'absent' ? 'denied' : axis}` }, AXIS_TITLES[axis] ?? axis), ` ${value} `, make('small', {}, rule)));
  items.push(...prompt.left_out.map(([text, why]) => make('li', { class: 'omitted' }, make('s', {}, text), ` left out: ${why}`)));
  items.push(...prompt.notes.map((note) => make('li', { class: 'omitted' }, `Note: ${note}`)));
  if (!prompt.read.length && !blank) items.push(make('li', { class: 'omitted' }, 'Nothing is read from this prompt.'));
  return make('ul', { class: 'reading' }, ...items);
}
