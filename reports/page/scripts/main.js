// Everything is set up once the page is read; each part works without the others.

function setUp() {
  setUpTheme();
  setUpContents();
  setUpTables();
  setUpCopies();
  const data = records('data-charts');
  setUpCharts(data);
  setUpExplorer(looksOf(data.methods));
  toAddress();
}

/** Go where the page's address points: what was drawn since has moved it. */
function toAddress() {
  $(':target')?.scrollIntoView({ behavior: 'instant' });
}

setUp();
