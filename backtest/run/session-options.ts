import { isSet } from '../../models/experiment/limits-schema.ts';
import { existsSync } from 'node:fs';
import { InputError } from '../../infra/errors.ts';
import { isOwnFile } from '../../infra/own-files/own-file.ts';
import { ownPart } from '../../models/experiment/own-file-schema.ts';
import { parseYamlFile } from '../../infra/files/yaml-file.ts';
import { changedLimits } from '../../models/experiment/limits/changed-limits.ts';
import { NAMED_LIMITS, riskLimitsSchema, type RiskLimits } from '../../models/experiment/experiment.ts';
import type { Distance } from '../../trading/risk/protection.ts';
import type { SizingRule } from '../../trading/risk/sizing.ts';

/**
 * `all-in`, `fraction=x`, `units=n`, or `risk=x`, which loses that share of equity where the stop of the run is filled
 * at its price; or a user's sizer, `./mine.ts`. InputError otherwise.
 */
export function parseSize(text: string, stop?: Distance | null): SizingRule {
  if (text === 'all-in') return { kind: 'all-in' };
  if (isOwnFile(text)) {
    const { code, parameters } = ownPart('sizer', text);
    return { kind: 'file', code, parameters };
  }
  const at = text.indexOf('=');
  const kind = text.slice(0, at);
  const amount = Number(text.slice(at + 1));
  if (kind === 'fraction' && amount > 0 && amount < Infinity) return { kind: 'fraction-of-equity', fraction: amount };
  if (kind === 'risk' && amount > 0 && amount <= 1) {
    if (!isSet(stop)) throw new InputError(`--size ${text} measures the way to a stop.`, 'Add --stop-loss.');
    return { kind: 'risk-per-trade', fraction: 1, riskFraction: amount, stop };
  }
  if (kind === 'units' && amount > 0 && amount < Infinity) return { kind: 'units', units: amount };
  throw new InputError(
    `--size ${text} is not understood.`,
    'Use all-in, fraction=x with x above 0, units=n, risk=x with x in (0, 1], or a file such as ./my-sizer.ts.',
  );
}

/**
 * The limits of a run over a file: `unbounded` unless a named set, a YAML file or single values say otherwise. `null`
 * in a value switches a limit off; `margin.initial` names a value within a limit. InputError names an unknown limit
 * and the nearest one.
 */
export function resolveLimits(named: string | undefined, single: readonly string[]): RiskLimits {
  return changedLimits(limitsFrom(named ?? 'unbounded'), single);
}

function limitsFrom(named: string): RiskLimits {
  if (named === 'standard' || named === 'unbounded') return NAMED_LIMITS[named];
  if (existsSync(named)) return parseYamlFile(riskLimitsSchema, named);
  throw new InputError(
    `--limits ${named}: neither a named set nor a file.`,
    `Use ${Object.keys(NAMED_LIMITS).join(', ')} or a YAML file.`,
  );
}

/** One of the words that an option may have. InputError names the option and the words. */
export function oneOf<Word extends string>(text: string, words: readonly Word[], option: string): Word {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new InputError(`${option} ${text} is not known.`, `Use ${words.join(' or ')}.`);
}
