// Elements, text and the records inside the page. Text always becomes a text node, never markup.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

const SVG = 'http://www.w3.org/2000/svg';

/** An element with attributes and children; `on` has event listeners, a child that is no node becomes text. */
function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'on') Object.entries(value).forEach(([event, act]) => element.addEventListener(event, act));
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** The records in a <script type="application/json">, null where the page has none. */
function records(id) {
  const element = document.getElementById(id);
  return element ? JSON.parse(element.textContent) : null;
}

/** A number for print: a true minus sign, an en dash for none. */
function shown(value, digits = 1) {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace('-', '') : text).replace('-', '−');
}

/** Letters as they are compared by a filter: small, without accents. */
function plain(text) {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Whether every part of a filter, split at blanks, is in the text. */
function matches(text, filter) {
  const searched = plain(text);
  return plain(filter).split(/\s+/).every((part) => searched.includes(part));
}

/** A string of a family's name as it is read: underscores are blanks. */
function spoken(name) {
  return name.replaceAll('_', ' ');
}

const TIP_DISTANCE = 14;

/** Show text beside the pointer, or hide it with "". */
function tip(text, event) {
  const box = $('#tip');
  box.hidden = !text;
  if (!text) return;
  box.textContent = text;
  const { clientX: x, clientY: y } = event;
  const left = Math.min(x + TIP_DISTANCE, window.innerWidth - box.offsetWidth - 4);
  const above = y + TIP_DISTANCE + box.offsetHeight > window.innerHeight;
  box.style.left = `${Math.max(4, left)}px`;
  box.style.top = `${above ? y - TIP_DISTANCE - box.offsetHeight : y + TIP_DISTANCE}px`;
}
