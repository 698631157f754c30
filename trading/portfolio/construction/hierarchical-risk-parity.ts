import { at, correlationOf, diagonalOf, symmetric, type SymmetricMatrix } from '../covariance/symmetric-matrix.ts';
import { leafOrder, wardClusters } from './leaf-order.ts';

/**
 * Hierarchical risk parity (Lopez de Prado, Building Diversified Portfolios That Outperform Out of Sample, 2016):
 * symbols in an order in which neighbours move together, halved again and again, each half weighted by the inverse of
 * its variance. Distances are `sqrt((1 - correlation) / 2)`, clusters by Ward, leaves in their best order, so that the
 * order in which symbols are given does not matter. The weights are above 0 and add up to 1.
 */
export function hierarchicalRiskParity(covariance: SymmetricMatrix): Float64Array {
  return bisected(covariance, orderOfRisks(covariance));
}

/** The order of symbols in which neighbours move together; it begins at the end of the smaller variance. */
export function orderOfRisks(covariance: SymmetricMatrix): number[] {
  const correlation = correlationOf(covariance);
  const distance = symmetric(covariance.size, (i, j) => Math.sqrt(Math.max(0, (1 - at(correlation, i, j)) / 2)));
  return leafOrder(wardClusters(distance), distance, diagonalOf(covariance));
}

/** Weights by halving `order` until each part is one symbol. */
export function bisected(covariance: SymmetricMatrix, order: readonly number[]): Float64Array {
  const weights = new Float64Array(covariance.size).fill(1);
  const parts = [order];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    if (part.length < 2) continue;
    const middle = Math.floor(part.length / 2);
    const halves = [part.slice(0, middle), part.slice(middle)] as const;
    const [left, right] = [clusterVariance(covariance, halves[0]), clusterVariance(covariance, halves[1])];
    const share = left + right > 0 ? right / (left + right) : 0.5;
    for (const i of halves[0]) weights[i]! *= share;
    for (const i of halves[1]) weights[i]! *= 1 - share;
    parts.push(...halves);
  }
  return weights;
}

/** Variance of symbols that are held in proportion to the inverse of their variances. */
function clusterVariance(covariance: SymmetricMatrix, places: readonly number[]): number {
  const inverse = places.map((i) => 1 / at(covariance, i, i));
  const sum = inverse.reduce((all, one) => all + one, 0);
  let variance = 0;
  places.forEach((i, a) => {
    places.forEach((j, b) => (variance += inverse[a]! * inverse[b]! * at(covariance, i, j)));
  });
  return variance / (sum * sum);
}
