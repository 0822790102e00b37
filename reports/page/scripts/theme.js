// Light, dark, or as the system has it. The choice is kept where the browser lets a local file keep something.

const THEMES = ['system', 'light', 'dark'];

function setUpTheme() {
  const button = $('#theme');
  button.hidden = false;
  applyTheme(kept('theme') ?? 'system');
  button.addEventListener('click', () => {
    const next = THEMES[(THEMES.indexOf(currentTheme()) + 1) % THEMES.length];
    applyTheme(next);
    keep('theme', next);
  });
}

function currentTheme() {
  return document.documentElement.dataset.theme ?? 'system';
}

function applyTheme(name) {
  const theme = THEMES.includes(name) ? name : 'system';
  document.documentElement.dataset.theme = theme;
  $('#theme').textContent = `Theme: ${theme}`;
  document.dispatchEvent(new Event('theme'));
}

function kept(name) {
  try {
    return localStorage.getItem(`c2seg-bench-${name}`);
  } catch {
    return null; // blocked by the browser's settings
  }
}

function keep(name, value) {
  try {
    localStorage.setItem(`c2seg-bench-${name}`, value);
  } catch {
    // blocked by the browser's settings: the choice lasts as long as the page is open
  }
}
