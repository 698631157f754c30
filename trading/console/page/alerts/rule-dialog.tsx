import {
  Button,
  Group,
  Modal,
  MultiSelect,
  NumberInput,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  Text,
  TextInput,
} from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { spanText } from '../../../../infra/alerts/rules/span-text.ts';
import { Wrong } from '../parts/words.tsx';
import { useSessions } from '../service/queries.ts';
import { useAlertChange, type Metric, type Rule } from './alert-queries.ts';

interface DialogProps {
  readonly rule: Rule | 'new' | null;
  readonly metrics: readonly Metric[];
  readonly onClose: () => void;
}

/** Makes a rule, or changes one. */
export function RuleDialog({ rule, metrics, onClose }: DialogProps): ReactNode {
  return (
    <Modal
      opened={rule !== null}
      onClose={onClose}
      title={rule === 'new' ? 'Make a rule' : 'Change a rule'}
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {rule === null ? null : <RuleForm rule={rule === 'new' ? null : rule} metrics={metrics} onClose={onClose} />}
    </Modal>
  );
}

/** A threshold as it is typed: in per cent, gigabytes or milliseconds where the metric is a ratio, bytes or a time. */
const SCALES: Readonly<Record<string, { readonly of: number; readonly words: string }>> = {
  ratio: { of: 100, words: 'per cent' },
  bytes: { of: 1e-9, words: 'GB' },
  ms: { of: 1, words: 'ms' },
  number: { of: 1, words: 'as it is' },
};
const scaleOf = (unit: string | undefined) => SCALES[unit ?? 'number'] ?? SCALES['number']!;

function overOf(rule: Rule | null): string {
  const seconds = rule?.windowSeconds ?? null;
  return seconds === null ? '' : spanText(seconds);
}

function startOf(rule: Rule | null, metrics: readonly Metric[]) {
  const { of } = scaleOf(metrics.find(({ name }) => name === (rule?.metric ?? metrics[0]?.name))?.unit);
  return {
    name: rule?.name ?? '',
    metric: rule?.metric ?? (metrics[0]?.name as string | undefined) ?? '',
    side: rule?.above === false ? 'below' : 'above',
    value: rule === null ? ('' as string | number) : Math.round(rule.threshold * of * 1e6) / 1e6,
    span: rule === null ? '1m' : spanText(rule.forSeconds),
    over: overOf(rule),
    severity: (rule?.severity ?? 'warning') as string,
    session: rule?.session ?? null,
    channels: rule?.channels ?? [],
    enabled: rule?.enabled ?? true,
  };
}

function RuleForm({ rule, metrics, onClose }: { readonly rule: Rule | null } & Omit<DialogProps, 'rule'>): ReactNode {
  const [form, setForm] = useState(() => startOf(rule, metrics));
  const set = (change: Partial<typeof form>): void => setForm((before) => ({ ...before, ...change }));
  const save = useAlertChange(onClose);
  const known = metrics.find(({ name }) => name === form.metric);
  const scale = scaleOf(known?.unit);
  const submit = (): void => {
    const { name, metric, side, value, span, severity, session, channels, enabled } = form;
    const usual = known?.windowSeconds;
    const over = usual === undefined ? {} : { over: form.over === '' ? spanText(usual) : form.over };
    const bound = { [side]: Number(value) / scale.of };
    const told = channels.length === 0 ? null : channels;
    const body = { metric, ...bound, ...over, for: span, severity, channels: told, enabled, session };
    save.mutate({ method: 'PUT', path: `rules/${encodeURIComponent(name)}`, body });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="sm">
        {rule === null ? (
          <TextInput
            label="Name"
            description="Small letters, digits and hyphens, such as low-equity"
            required
            value={form.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
            data-autofocus
          />
        ) : (
          <Text size="sm">
            <strong>{rule.name}</strong>
          </Text>
        )}
        <Select
          label="What it watches"
          description={known?.words}
          allowDeselect={false}
          disabled={rule?.builtIn === true}
          data={metrics.map(({ name }) => name)}
          value={form.metric}
          onChange={(value) => set({ metric: value ?? form.metric })}
        />
        <Window form={form} set={set} usual={known?.windowSeconds} />
        <Bound form={form} set={set} words={scale.words} />
        <TextInput
          label="For"
          description="It is an alert once it has held for so long: 0s, 30s, 5m"
          required
          value={form.span}
          onChange={(event) => set({ span: event.currentTarget.value.trim() })}
        />
        <Audience form={form} set={set} />
        <Wrong error={save.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          <Button type="submit" loading={save.isPending} disabled={form.name === '' || form.value === ''}>
            Keep the rule
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface PartProps {
  readonly form: ReturnType<typeof startOf>;
  readonly set: (change: Partial<ReturnType<typeof startOf>>) => void;
}

/** Over how much of the last while a metric is measured, where it has a window; `usual`: its own, in seconds. */
function Window({ form, set, usual }: PartProps & { readonly usual: number | undefined }): ReactNode {
  if (usual === undefined) return null;
  return (
    <TextInput
      label="Over"
      description={`Of the last so long, from 10s to 1d; ${spanText(usual)} where it is left out`}
      placeholder={spanText(usual)}
      value={form.over}
      onChange={(event) => set({ over: event.currentTarget.value.trim() })}
    />
  );
}

function Bound({ form, set, words }: PartProps & { readonly words: string }): ReactNode {
  return (
    <Group align="flex-end" gap="xs" grow preventGrowOverflow={false}>
      <SegmentedControl
        aria-label="Side"
        data={[
          { value: 'above', label: 'At or above' },
          { value: 'below', label: 'At or below' },
        ]}
        value={form.side}
        onChange={(side) => set({ side })}
      />
      <NumberInput
        label={`Threshold, ${words}`}
        required
        hideControls
        value={form.value}
        onChange={(value) => set({ value })}
      />
    </Group>
  );
}

function Audience({ form, set }: PartProps): ReactNode {
  const { data: sessions = [] } = useSessions();
  return (
    <>
      <Select
        label="Severity"
        allowDeselect={false}
        data={['info', 'warning', 'critical']}
        value={form.severity}
        onChange={(value) => set({ severity: value ?? form.severity })}
      />
      <Select
        label="Session"
        placeholder="Any"
        clearable
        searchable
        data={sessions.map(({ session }) => session)}
        value={form.session}
        onChange={(session) => set({ session })}
      />
      <MultiSelect
        label="Told to"
        placeholder={form.channels.length === 0 ? 'As every alert' : ''}
        data={['log', 'webhook', 'slack', 'email', 'telegram', 'push']}
        value={[...form.channels]}
        onChange={(channels) => set({ channels })}
      />
      <Switch
        label="It is applied"
        checked={form.enabled}
        onChange={(event) => set({ enabled: event.currentTarget.checked })}
      />
    </>
  );
}
