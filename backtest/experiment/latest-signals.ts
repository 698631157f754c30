import type { Database } from '../../infra/postgres/database.ts';
import { SignalboxError } from '../../infra/errors.ts';
import { decodeEnsemble } from '../../models/ensemble/serialised-ensemble.ts';
import { loadEnsemble, predictRows } from '../../models/ensemble/ensemble-model.ts';
import { rowReasons } from '../../models/explain/row-reasons.ts';
import { finalModelOf } from '../../models/registry/model-store.ts';
import type { SignalRecord } from '../../trading/session-result.ts';
import { modelSignal } from '../../trading/strategies/model-signals.ts';
import type { PreparedExperiment } from '../../models/training/prepare-experiment.ts';
import { thresholdsOf } from '../../trading/sessions/session-rules.ts';

/**
 * What the final model says of the newest bar of each symbol: signals for the next bar, which no backtest can trade.
 * Rows that close before the model's last label was known are left out.
 */
export async function latestSignals(
  database: Database,
  prepared: PreparedExperiment,
  trainingHash: string,
): Promise<SignalRecord[]> {
  const stored = await finalModelOf(database.pool, trainingHash);
  if (stored === null) throw new SignalboxError('The training has no final model.', { remedy: 'Run it again.' });
  const { inferenceRows: waiting, experiment } = prepared;
  if (waiting.rows === 0) return [];
  const model = await loadEnsemble(decodeEnsemble(stored.content));
  try {
    const { probability } = predictRows(model, waiting);
    const reasons = rowReasons(model, waiting);
    const newest = waiting.decisionTimeMs[waiting.rows - 1]!;
    const rules = thresholdsOf(experiment);
    const records: SignalRecord[] = [];
    for (let row = 0; row < waiting.rows; row++) {
      const timeMs = waiting.decisionTimeMs[row]!;
      if (timeMs !== newest || timeMs < model.trainedToMs) continue;
      const signal = modelSignal(probability[row]!, rules, { reasons: reasons[row]! });
      records.push({
        timeMs,
        symbol: waiting.symbols[waiting.symbolIndex[row]!]!,
        action: signal.action,
        probability: signal.probability,
        confidence: signal.confidence,
        reason: `final model, for the next bar: ${signal.reason}`,
      });
    }
    return records;
  } finally {
    model.dispose();
  }
}
