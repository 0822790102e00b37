// Tables are sorted by a click on a heading and filtered by their row labels. Without scripts they are as printed.

const ORDERS = ['none', 'ascending', 'descending'];

function setUpTables() {
  $$('[data-table]').forEach((article) => new SortedTable(article));
}

class SortedTable {
  constructor(article) {
    this.article = article;
    this.body = $('tbody', article);
    this.original = [...this.body.rows];
    this.rows = this.original.filter((row) => row.classList.contains('row'));
    this.headings = $$('thead .headings th', article);
    this.headings.forEach((heading, column) => this.makeSortable(heading, column));
    this.count = $('.count', article);
    this.field = $('.find input', article);
    this.field.addEventListener('input', () => this.filter());
    $('.tools', article).hidden = false;
    this.filter();
    this.markOverflow();
  }

  makeSortable(heading, column) {
    const arrow = make('span', { class: 'order', 'aria-hidden': 'true' });
    const button = make('button', { type: 'button', class: 'sort', on: { click: () => this.sort(column) } });
    button.append(...heading.childNodes, arrow);
    heading.append(button);
    heading.setAttribute('aria-sort', 'none');
  }

  /** Best values first, then worst first, then the order of the report with its groups. */
  sort(column) {
    const heading = this.headings[column];
    const first = heading.dataset.better === 'up' || (column > 0 && !heading.dataset.better) ? 'descending' : 'ascending';
    const second = first === 'ascending' ? 'descending' : 'ascending';
    const next = { none: first, [first]: second, [second]: 'none' }[heading.getAttribute('aria-sort')];
    this.headings.forEach((other) => other.setAttribute('aria-sort', other === heading ? next : 'none'));
    this.article.classList.toggle('sorted', next !== 'none');
    if (next === 'none') {
      this.body.append(...this.original);
    } else {
      const isSummary = (row) => row.classList.contains('summary');
      const sortable = this.rows.filter((row) => !isSummary(row));
      sortable.sort((a, b) => compare(a.cells[column], b.cells[column], next === 'ascending' ? 1 : -1));
      const groups = this.original.filter((row) => row.classList.contains('group'));
      this.body.append(...groups, ...sortable, ...this.rows.filter(isSummary));
    }
    this.filter();
  }

  filter() {
    const text = this.field.value;
    for (const row of this.rows) row.hidden = !matches(row.cells[0].textContent, text);
    const visible = this.rows.filter((row) => !row.hidden).length;
    this.count.textContent = text ? `${visible} of ${this.rows.length} rows` : `${this.rows.length} rows`;
    let group = null;
    for (const row of this.original) {
      if (row.classList.contains('group')) {
        group = row;
        group.hidden = true;
      } else if (group && !row.hidden) {
        group.hidden = this.article.classList.contains('sorted');
      }
    }
  }

  /** A shadow at the edge behind which there are more columns. */
  markOverflow() {
    const box = $('.scroll', this.article);
    const mark = () => {
      const hidden = box.scrollWidth - box.clientWidth;
      box.classList.toggle('more', hidden - box.scrollLeft > 2);
      box.classList.toggle('moved', box.scrollLeft > 2);
    };
    box.addEventListener('scroll', mark, { passive: true });
    new ResizeObserver(mark).observe(box);
  }
}

/** By value where both cells have one, else by text; cells without either come last. */
function compare(a, b, sign) {
  const [x, y] = [a, b].map((cell) => (cell.dataset.value === undefined ? null : Number(cell.dataset.value)));
  if (x !== null && y !== null) return sign * (x - y);
  if (x !== null || y !== null) return x === null ? 1 : -1;
  return sign * a.textContent.localeCompare(b.textContent, undefined, { numeric: true });
}
