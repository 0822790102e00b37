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
      $('textarea', dialog).value = texts[key][format];
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

/** Put text on the clipboard; false where the browser does not let a page do that. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
