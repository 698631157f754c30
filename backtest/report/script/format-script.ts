/** Numbers and times as `number-format.ts` writes them, and data that stands in a template of the page. */
export const FORMAT_SCRIPT = String.raw`
const dataOf = (box) => JSON.parse(box.querySelector('template').content.textContent);
const grouped = (value, digits) => {
  const text = Math.abs(value).toFixed(digits);
  const [whole, rest] = text.split('.');
  const sign = value < 0 && /[1-9]/.test(text) ? '\u2212' : '';
  return sign + whole.replace(/\B(?=(\d{3})+$)/g, ',') + (digits === 0 ? '' : '.' + rest);
};
const decimalsOf = (value) => {
  const size = Math.abs(value);
  if (!(size > 0 && size < 0.1)) return 2;
  const text = size.toFixed(Math.min(100, 2 - Number(size.toExponential().split('e')[1]))).replace(/0+$/, '');
  return Math.max(2, text.length - text.indexOf('.') - 1);
};
const amount = (value) => grouped(value, decimalsOf(value));
const units = (value) => grouped(value, 8).replace(/\.?0+$/, '');
const percent = (hundredths) => (hundredths === null ? 'n/a' : grouped(hundredths, 2) + ' %');
const minuteText = (minutes) => new Date(minutes * 60000).toISOString().slice(0, 16).replace('T', ' ');
const plural = (count, noun) => grouped(count, 0) + ' ' + noun + (count === 1 ? '' : 's');
`;
