import type { OwnCalls } from '../../../infra/own-files/own-calls.ts';
import type { ParameterValue } from '../../../infra/own-files/own-file.ts';

/**
 * What a method answers, asked in order and then the other way round: a file keeps nothing from call to call, so that
 * both are the same. One sentence where they are not.
 */
export function sameAnswers(
  calls: OwnCalls,
  method: string,
  {
    asked,
    parameters,
  }: { readonly asked: readonly object[]; readonly parameters: Readonly<Record<string, ParameterValue>> },
): string[] {
  const answers = (list: readonly object[]): string[] =>
    list.map((one) => {
      const answer = calls.call(method, one, parameters);
      return 'threw' in answer ? answer.threw : shown(answer.value);
    });
  const first = answers(asked);
  const again = answers(asked.toReversed()).toReversed();
  const at = first.findIndex((answer, place) => answer !== again[place]);
  if (at < 0) return [];
  const what = `${calls.compiled.path}: ${method} answered ${first[at]} and then ${again[at]} for ${shown(asked[at])}`;
  return [`${what}: it keeps something from call to call`];
}

const shown = (value: unknown): string =>
  String(
    JSON.stringify(value, (_, one: unknown) => (typeof one === 'number' && !Number.isFinite(one) ? String(one) : one)),
  );
