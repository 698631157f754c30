import type { CovarianceKind } from '../../../models/experiment/rule-parameters.ts';
import { ewmaCovariance } from './ewma-covariance.ts';
import { ledoitWolf } from './ledoit-wolf.ts';
import { oracleApproximating } from './oracle-approximating.ts';
import { pcaCovariance } from './pca-factors.ts';
import type { Returns } from './returns.ts';
import { sampleCovariance } from './sample-covariance.ts';
import type { SymmetricMatrix } from './symmetric-matrix.ts';

/** Numbers that some of the estimates take. */
export interface CovarianceSettings {
  /** Of `ewma`: what a bar weighs of the next one. */
  readonly decay: number;
  /** Of `pca`: principal components that are kept, of as many symbols as there are at most. */
  readonly factors: number;
}

/** Covariance of returns per bar by the estimate of this name. @throws InputError for returns that have none */
export function covarianceOf(kind: CovarianceKind, returns: Returns, settings: CovarianceSettings): SymmetricMatrix {
  switch (kind) {
    case 'sample':
      return sampleCovariance(returns);
    case 'ewma':
      return ewmaCovariance(returns, settings.decay);
    case 'ledoit-wolf':
      return ledoitWolf(returns).covariance;
    case 'oas':
      return oracleApproximating(returns).covariance;
    case 'pca':
      return pcaCovariance(returns, Math.min(settings.factors, returns.names.length));
  }
}
