import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../../infra/config.ts';
import { ensurePython } from '../../../infra/python/python-environment.ts';
import { describeWith, REFERENCE_DIR } from '../../../infra/testing/requirements.ts';
import { ewmaCovariance } from '../covariance/ewma-covariance.ts';
import { factorModel } from '../covariance/given-factors.ts';
import { ledoitWolf } from '../covariance/ledoit-wolf.ts';
import { oracleApproximating } from '../covariance/oracle-approximating.ts';
import { meansOf, returnsOfCloses, type Returns } from '../covariance/returns.ts';
import { sampleCovariance } from '../covariance/sample-covariance.ts';
import { at, correlationOf } from '../covariance/symmetric-matrix.ts';
import { referenceCloses } from '../testing/reference-closes.ts';
import { blackLitterman } from './black-litterman.ts';
import { bisected, hierarchicalRiskParity, orderOfRisks } from './hierarchical-risk-parity.ts';
import { meanVarianceWeights, minimumVariance } from './mean-variance.ts';
import { riskParity } from './risk-parity.ts';
import { inverseVolatility } from './weights-of-variance.ts';
import { groupsAmong, parseGroups } from './written-groups.ts';

/** Expected values, from the packages themselves. */
const SCRIPT = `
import json, sys
import numpy as np, pandas as pd
from sklearn.covariance import LedoitWolf, OAS
from skfolio.moments import EWCovariance, EmpiricalCovariance, EmpiricalMu, EquilibriumMu
from skfolio.optimization import HierarchicalRiskParity, InverseVolatility, MeanRisk, ObjectiveFunction, RiskBudgeting
from sklearn.linear_model import LinearRegression
from skfolio.prior import BlackLitterman, EmpiricalPrior, LoadingMatrixRegression, TimeSeriesFactorModel
folder = sys.argv[1]
read = lambda name: pd.read_csv(f'{folder}/{name}.csv.gz', index_col=0, parse_dates=True)
both = read('sp500_dataset').join(read('factors_dataset'), how='inner').pct_change().iloc[1:501]
factors = both.iloc[:, 20:]
X = both.iloc[:, :20]
prior = EmpiricalPrior(covariance_estimator=EmpiricalCovariance(window_size=None), mu_estimator=EmpiricalMu())
exact = dict(solver='CLARABEL', solver_params=dict(tol_gap_abs=1e-14, tol_gap_rel=1e-14, tol_feas=1e-14))
weights = lambda model: model.fit(X).weights_.tolist()
lw, oas = LedoitWolf().fit(X.values), OAS().fit(X.values)
bl = BlackLitterman(views=['AAPL == 0.0008', 'MSFT - JPM == 0.0002'], view_confidences=[0.6, 0.25], tau=0.05,
    prior_estimator=EmpiricalPrior(mu_estimator=EquilibriumMu(risk_aversion=3))).fit(X).return_distribution_
hrp = HierarchicalRiskParity(prior_estimator=prior).fit(X)
loading = LoadingMatrixRegression(linear_regressor=LinearRegression())
fm = TimeSeriesFactorModel(loading_matrix_estimator=loading).fit(X, factors=factors).return_distribution_
print(json.dumps({
  'ledoit-wolf': [lw.shrinkage_, lw.covariance_.ravel().tolist()],
  'oas': [oas.shrinkage_, oas.covariance_.ravel().tolist()],
  'ewma': EWCovariance(half_life=-np.log(2) / np.log(0.94)).fit(X).covariance_.ravel().tolist(),
  'factor-model': fm.covariance.ravel().tolist(),
  'inverse-volatility': weights(InverseVolatility(prior_estimator=prior)),
  'hrp': [hrp.weights_.tolist(), hrp.seriation_estimator_.ordering_.tolist()],
  'risk-parity': weights(RiskBudgeting(prior_estimator=prior, **exact)),
  'budgets': weights(RiskBudgeting(prior_estimator=prior, risk_budget=np.arange(1, 21.0), **exact)),
  'minimum-variance': weights(MeanRisk(prior_estimator=prior, max_weights=0.15, **exact)),
  'mean-variance': weights(MeanRisk(prior_estimator=prior, objective_function=ObjectiveFunction.MAXIMIZE_UTILITY,
     risk_aversion=4, max_weights=0.3, **exact)),
  'groups': weights(MeanRisk(prior_estimator=prior, max_weights=0.3,
     linear_constraints=['JNJ + PEP + WMT <= 0.25', 'AAPL + MSFT >= 0.2', 'AAPL + MSFT <= 0.6'], **exact)),
  'black-litterman': [bl.mu.tolist(), bl.covariance.ravel().tolist()],
}))
`;

/** Returns of both tables on the days that both have: 500 of them. */
function returnsOfBoth(): { symbols: Returns; factors: Returns } {
  const factorDays = new Set(referenceCloses('factors_dataset').days);
  const shared = referenceCloses('sp500_dataset', (day) => factorDays.has(day)).days.slice(0, 501);
  const of = (table: string): Returns => {
    const { names, closes } = referenceCloses(table, (day) => shared.includes(day));
    return returnsOfCloses(names, closes);
  };
  return { symbols: of('sp500_dataset'), factors: of('factors_dataset') };
}

type Expected = Readonly<Record<string, number[]>> &
  Readonly<Record<'ledoit-wolf' | 'oas', [number, number[]]>> &
  Readonly<Record<'black-litterman' | 'hrp', [number[], number[]]>>;

describeWith('python', 'scikit-learn and skfolio', () => {
  describeWith('reference', 'on 500 days of 20 stocks', () => {
    let expected: Expected;
    const { symbols, factors } = returnsOfBoth();
    const covariance = sampleCovariance(symbols);
    beforeAll(async () => {
      const { dataDir, programPath } = loadConfig();
      const python = await ensurePython({
        name: 'portfolio-reference',
        packages: ['skfolio==1.12.2', 'scikit-learn==1.9.1'],
        purpose: 'skfolio and scikit-learn (500 MB, once)',
        remedy: 'Install Python 3.10 or newer.',
        dataDir,
        programPath,
        onStage: () => undefined,
      });
      const { stdout, stderr, status } = spawnSync(python, ['-c', SCRIPT, join(REFERENCE_DIR, 'skfolio')], {
        encoding: 'utf8',
      });
      expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
      expected = JSON.parse(stdout) as Expected;
    });

    const isClose = (found: ArrayLike<number>, wanted: readonly number[], within: number): void => {
      expect(found.length).toBe(wanted.length);
      wanted.forEach((one, i) => expect(Math.abs(found[i]! - one)).toBeLessThan(within));
    };

    it('shrink as much, and to the same covariance', () => {
      for (const [kind, found] of [
        ['ledoit-wolf', ledoitWolf(symbols)],
        ['oas', oracleApproximating(symbols)],
      ] as const) {
        const [shrinkage, values] = expected[kind];
        expect(found.shrinkage).toBeCloseTo(shrinkage, 12);
        isClose(found.covariance.values, values, 1e-17);
      }
    });

    it('weigh the last days and explain by factors as much', () => {
      isClose(ewmaCovariance(symbols, 0.94).values, expected['ewma']!, 1e-16);
      isClose(factorModel(symbols, factors).covariance.values, expected['factor-model']!, 1e-16);
    });

    it('find the same weights by risk alone', () => {
      isClose(inverseVolatility(covariance), expected['inverse-volatility']!, 1e-14);
      // Their solver stops at about 2e-6; ours has shares of risk that are equal to 1e-13.
      isClose(riskParity(covariance), expected['risk-parity']!, 1e-5);
      const budgets = Array.from({ length: 20 }, (_, i) => i + 1);
      isClose(riskParity(covariance, budgets), expected['budgets']!, 1e-5);
    });

    it('halve an order to the same weights; ours has its neighbours as near together or nearer', () => {
      const [weights, order] = expected['hrp'];
      isClose(bisected(covariance, order), weights, 1e-14);
      const correlation = correlationOf(covariance);
      const way = (places: readonly number[]): number =>
        places.slice(1).reduce((sum, place, i) => sum + Math.sqrt((1 - at(correlation, places[i]!, place)) / 2), 0);
      const own = orderOfRisks(covariance);
      expect([...own].sort((a, b) => a - b)).toEqual([...order].sort((a, b) => a - b));
      expect(way(own)).toBeLessThanOrEqual(way(order) + 1e-12);
      expect(hierarchicalRiskParity(covariance)).toEqual(bisected(covariance, own));
    });

    it('find the same weights of least variance and of mean and variance, within bounds', () => {
      isClose(minimumVariance(covariance, { most: 0.15 }), expected['minimum-variance']!, 1e-6);
      const found = meanVarianceWeights(covariance, meansOf(symbols), { riskAversion: 8, most: 0.3 });
      isClose(found, expected['mean-variance']!, 1e-6);
    });

    it('keep groups to the same bounds', () => {
      const whole = { maxWeight: 0.3, invested: 1 };
      const written = parseGroups('JNJ + PEP + WMT: to 0.25; AAPL + MSFT: 0.2 to 0.6', whole);
      const { groups } = groupsAmong(written, symbols.names, whole);
      const found = minimumVariance(covariance, { most: 0.3, groups });
      isClose(found, expected['groups']!, 1e-6);
      // Both groups are at their bounds.
      const held = groups.map(({ places }) => places.reduce((sum, place) => sum + found[place]!, 0));
      held.forEach((share, at) => expect(share).toBeCloseTo([0.25, 0.2][at]!, 9));
    });

    it('expect the same once views are heard', () => {
      const { names } = symbols;
      const unit = (long: string, short?: string) =>
        Float64Array.from(names, (name) => (name === long ? 1 : name === short ? -1 : 0));
      const views = [
        { weights: unit('AAPL'), expected: 0.0008, confidence: 0.6 },
        { weights: unit('MSFT', 'JPM'), expected: 0.0002, confidence: 0.25 },
      ];
      const { means, covariance: posterior } = blackLitterman(covariance, views, { riskAversion: 3 });
      const [mu, values] = expected['black-litterman'];
      isClose(means, mu, 1e-16);
      isClose(posterior.values, values, 1e-16);
    });
  });
});
