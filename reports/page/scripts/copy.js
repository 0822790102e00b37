// Each table as CSV or LaTeX in a window, to copy.

const COPY_TITLES = { csv: 'CSV', latex: 'LaTeX' };

function setUpCopies() {
  const texts = records('data-copies');
  const dialog = $('#copy');
  for (const button of $$('[data-copy]')) {
    const key = button.closest('[data-table]').dataset.table;
    const format = button.dataset.copy;
    button.addEventListener('click', () => {
      $('#copy-title').textContent = `${$('h3', button.closest('[data-table]')).firstChild.textContent.trim()}, as ${COPY_TITLES[format]}`;
      $('textarea', dialog).value = texts[key][format] ?? csvOf(button.closest('[data-table]'));
      $('#copy-done').textContent = '';
      dialog.showModal();
      $('textarea', dialog).select();
    });
  }
  $('#copy-now').addEventListener('click', async () => {
    const done = await copyText($('textarea', dialog).value);
    $('#copy-done').textContent = done ? 'Copied.' : 'The browser does not allow it: press Ctrl+C.';
    if (!done) $('textarea', dialog).select();
  });
}

/** A table as it is shown, a line per row; a cell that a spreadsheet would compute starts with an apostrophe. */
function csvOf(article) {
  const quoted = (text) => {
    const safe = /^[=+\-@]/.test(text) ? `'${text}` : text;
    return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const cells = (row) => [...row.cells].map((cell) => quoted(cell.dataset.value ?? cell.textContent.trim()));
  return $$('thead tr, tbody tr.row', article).map((row) => cells(row).join(',')).join('\n');
}

/** Put text on the clipboard; false where the browser does not let a page do that. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
