// The contents: which section is read is marked; on a narrow screen the list closes after a choice.

const NARROW = window.matchMedia('(max-width: 1099px)');

function setUpContents() {
  const box = $('.contents details');
  const fold = () => {
    box.open = !NARROW.matches;
  };
  fold();
  NARROW.addEventListener('change', fold);
  box.addEventListener('click', (event) => {
    if (NARROW.matches && event.target.closest('a')) box.open = false;
  });
  const links = new Map($$('.contents a').map((link) => [link.getAttribute('href').slice(1), link]));
  const places = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  const mark = () => {
    const passed = places.filter((place) => place.getBoundingClientRect().top < 120);
    const current = links.get((passed.at(-1) ?? places[0])?.id);
    for (const link of links.values()) {
      if (link === current) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
  };
  let waiting = false;
  const later = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      mark();
    });
  };
  window.addEventListener('scroll', later, { passive: true });
  mark();
}
