import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../config.ts';
import { findPrometheus } from '../installed.ts';
import { packageRoot } from '../package-root.ts';
import { describeWith } from '../testing/requirements.ts';

const HERE = `${packageRoot()}/infra/prometheus`;

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly labels?: { readonly severity?: string };
  readonly annotations?: { readonly summary?: string; readonly remedy?: string };
}
interface RuleTest {
  readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
}

const read = <T>(name: string): T => parse(readFileSync(`${HERE}/${name}`, 'utf8')) as T;

describeWith('prometheus', 'rules of Prometheus', () => {
  const promtool = (...args: string[]) =>
    spawnSync(findPrometheus(loadConfig().programPath)!.promtool, args, { cwd: HERE, encoding: 'utf8' });

  it('are ones that Prometheus takes, and raise what their tests say', () => {
    for (const args of [
      ['check', 'config', 'prometheus.yaml'],
      ['test', 'rules', 'signalbox-rules-test.yaml'],
    ]) {
      const { status, stdout, stderr } = promtool(...args);
      expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, '']);
    }
  });

  it('are each tested raised and not raised, and say what to do', () => {
    const { groups } = read<{ groups: { rules: Rule[] }[] }>('signalbox-rules.yaml');
    const { tests } = read<{ tests: RuleTest[] }>('signalbox-rules-test.yaml');
    const tried = tests.flatMap(({ alert_rule_test: some = [] }) => some);
    const alerts = groups.flatMap(({ rules }) => rules).filter(({ alert }) => alert !== undefined);
    expect(alerts.length).toBeGreaterThan(15);
    for (const { alert, labels, annotations } of alerts) {
      const own = tried.filter(({ alertname }) => alertname === alert);
      expect(own.map(({ exp_alerts: raised }) => raised.length).sort(), alert).toEqual([0, 1]);
      expect(['info', 'warning', 'critical'], alert).toContain(labels?.severity);
      expect(annotations?.summary, alert).toBeTruthy();
      expect(annotations?.remedy, alert).toMatch(/\.$/);
    }
  });
});
