/** The table of trades: sorted by any column, filtered by symbol, side and outcome, a page at a time. */
export const LEDGER_SCRIPT = String.raw`
let trades = [];
const unpackTrades = ({ symbols, exits, columns: c }) => {
  let entered = 0;
  return c.symbol.map((symbol, at) => {
    entered += c.entered[at];
    const held = c.held[at];
    return {
      number: c.first + at, symbol: symbols[symbol], side: c.long[at] === 1 ? 'long' : 'short', quantity: c.quantity[at],
      entered, entry: c.entry[at], left: held === null ? null : entered + held, exit: c.exit[at],
      by: c.by[at] < 0 ? 'open' : exits[c.by[at]], pnl: c.pnl[at], gain: c.gain[at], fees: c.fees[at],
      worst: c.worst === null ? null : c.worst[at], best: c.best === null ? null : c.best[at],
    };
  });
};
const CELLS = {
  number: ({ number }) => grouped(number, 0), symbol: ({ symbol }) => symbol, side: ({ side }) => side,
  quantity: ({ quantity }) => units(quantity), entered: ({ entered }) => minuteText(entered),
  entry: ({ entry }) => amount(entry), left: ({ left }) => (left === null ? 'still open' : minuteText(left)),
  exit: ({ exit }) => amount(exit), by: ({ by }) => by, pnl: ({ pnl }) => amount(pnl), gain: ({ gain }) => percent(gain),
  fees: ({ fees }) => amount(fees), worst: ({ worst }) => percent(worst), best: ({ best }) => percent(best),
};
const TEXTS = new Set(['symbol', 'side', 'by', 'entered', 'left']);
const rowOf = (trade) => {
  const row = document.createElement('tr');
  for (const [name, write] of Object.entries(CELLS)) {
    const cell = document.createElement(name === 'number' ? 'th' : 'td');
    if (name === 'number') cell.scope = 'row';
    else if (TEXTS.has(name)) cell.className = 'text';
    else if (name === 'pnl') cell.className = trade.pnl < 0 ? 'loss' : 'gain';
    cell.textContent = write(trade);
    row.append(cell);
  }
  return row;
};
const compared = (a, b) => (a === b ? 0 : a === null ? 1 : b === null ? -1 : a < b ? -1 : 1);
const showLedger = (box) => {
  trades = unpackTrades(dataOf(box));
  const body = box.querySelector('tbody');
  const [previous, next] = box.querySelectorAll('.pages button');
  const told = box.querySelector('.pages output');
  const filters = [...box.querySelectorAll('select')];
  const size = Number(box.dataset.rows);
  let [sorted, falls, page] = ['number', true, 0];
  const holds = ({ symbol, side, pnl }) => {
    const [ofSymbol, ofSide, outcome] = filters.map(({ value }) => value);
    return (ofSymbol === '' || symbol === ofSymbol) && (ofSide === '' || side === ofSide) &&
      (outcome === '' || (outcome === 'won') === pnl > 0);
  };
  const show = () => {
    const order = falls ? -1 : 1;
    const shown = trades.filter(holds)
      .sort((a, b) => order * compared(a[sorted], b[sorted]) || order * (a.number - b.number));
    page = Math.max(0, Math.min(page, Math.ceil(shown.length / size) - 1));
    const rows = shown.slice(page * size, (page + 1) * size);
    body.replaceChildren(...rows.map(rowOf));
    const sum = shown.reduce((all, { pnl }) => all + pnl, 0);
    const from = rows.length === 0 ? 0 : page * size + 1;
    told.textContent = grouped(from, 0) + ' to ' + grouped(page * size + rows.length, 0) + ' of ' +
      plural(shown.length, 'trade') + ', together ' + amount(sum);
    previous.disabled = page === 0;
    next.disabled = (page + 1) * size >= shown.length;
  };
  for (const head of box.querySelectorAll('thead th')) {
    const button = document.createElement('button');
    button.textContent = head.textContent;
    button.addEventListener('click', () => {
      falls = sorted === head.dataset.column ? !falls : !TEXTS.has(head.dataset.column);
      sorted = head.dataset.column;
      page = 0;
      for (const other of box.querySelectorAll('thead th')) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', falls ? 'descending' : 'ascending');
      show();
    });
    head.replaceChildren(button);
  }
  for (const filter of filters) filter.addEventListener('change', () => { page = 0; show(); });
  previous.addEventListener('click', () => { page -= 1; show(); });
  next.addEventListener('click', () => { page += 1; show(); });
  for (const hidden of box.querySelectorAll('[hidden]')) hidden.hidden = false;
  show();
};
`;
