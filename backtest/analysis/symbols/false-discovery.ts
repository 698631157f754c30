/**
 * What each p-value comes to among all of them: the smallest false discovery rate at which it is still found
 * (Benjamini and Yekutieli 2001, whatever the tests have to do with one another; Benjamini and Hochberg 1995 where they
 * are `independent`). A share of at most `q` of what is at or below `q` is expected to be chance. In the order given;
 * throws RangeError for a value outside of [0, 1].
 */
export function falseDiscoveryRates(pValues: readonly number[], { independent = false } = {}): number[] {
  const wrong = pValues.find((p) => !(p >= 0 && p <= 1));
  if (wrong !== undefined) throw new RangeError(`A p-value lies from 0 to 1, not ${wrong}.`);
  const tests = pValues.length;
  let harmonic = 0;
  for (let k = 1; k <= tests; k++) harmonic += 1 / k;
  const factor = independent ? 1 : harmonic;
  const order = pValues.map((_, at) => at).sort((a, b) => pValues[b]! - pValues[a]!);
  const rates = new Array<number>(tests);
  let least = 1;
  order.forEach((at, place) => {
    least = Math.min(least, pValues[at]! * ((tests * factor) / (tests - place)));
    rates[at] = least;
  });
  return rates;
}
