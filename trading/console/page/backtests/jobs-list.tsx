import { Button, Card, Group, Progress, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, type ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { Wrong } from '../parts/words.tsx';
import { useMay } from '../sign-in/me.tsx';
import { useCancel, useJobs, type Job } from './run-queries.ts';

/** Jobs that are shown: those that wait or run, and the newest that have ended. */
const ENDED_MAX = 2;

/** What is being run now, how far it is, and what came of what was asked for last. */
export function JobsList(): ReactNode {
  const queries = useQueryClient();
  const { data: jobs = [], error } = useJobs();
  const open = jobs.filter(({ state }) => state === 'waiting' || state === 'running');
  const ended = jobs.filter((job) => !open.includes(job)).slice(0, ENDED_MAX);
  const done = jobs.filter(({ state }) => state === 'done').length;
  useEffect(() => {
    // One that has ended has left a run.
    void queries.invalidateQueries({ queryKey: ['runs'] });
  }, [done, queries]);
  if (error !== null) return <Wrong error={error} />;
  if (open.length + ended.length === 0) return null;
  return (
    <Stack gap={6} component="section" aria-label="Backtests that were asked for">
      {[...open, ...ended].map((job) => (
        <JobLine key={job.id} job={job} />
      ))}
    </Stack>
  );
}

/** What a job was asked for: an experiment, a version of a strategy of the service, or rules. */
interface Asked {
  readonly experiment?: string;
  readonly strategy?: string;
  readonly version?: number;
  readonly strategies?: readonly { readonly name: string }[];
}

/** What was asked for, in short. */
function nameOf({ kind, asked }: Job): string {
  const { experiment, strategy, version, strategies = [] } = asked as Asked;
  const rules = (): string => strategies.map(({ name }) => name).join(', ');
  const what = strategy === undefined ? (experiment ?? rules()) : `${strategy}, version ${version}`;
  return `${kind === 'walk-forward' ? 'Walk-forward' : 'Backtest'} of ${what}`;
}

function JobLine({ job }: { readonly job: Job }): ReactNode {
  const formats = useFormats();
  const cancel = useCancel();
  const mayRun = useMay('research:run');
  const isOpen = job.state === 'waiting' || job.state === 'running';
  const stage = job.progress?.stages.findLast(({ ended }) => !ended) ?? job.progress?.stages.at(-1);
  const isCounted = stage !== undefined && stage.total !== null && stage.total > 0;
  const share = isCounted ? Math.min(100, (100 * stage.done) / stage.total!) : 0;
  return (
    <Card withBorder padding="xs">
      <Group justify="space-between" gap="xs" wrap="wrap">
        <Text size="sm" fw={600}>
          {nameOf(job)}
        </Text>
        <Text size="xs" c="dimmed" style={{ flex: 1 }} role="status">
          {job.state === 'running' && stage !== undefined
            ? `${stage.name}${isCounted ? `, ${formats.number(share, 0)} %` : ''}`
            : `${job.state}${job.state === 'waiting' ? ' for a worker' : ''}`}
          , asked by {job.askedBy}
        </Text>
        {job.run === null ? null : (
          <Link to="/backtests/$run" params={{ run: job.run }} className="row-link">
            Open the run
          </Link>
        )}
        {isOpen && mayRun ? (
          <Button
            size="compact-xs"
            variant="default"
            loading={cancel.isPending}
            onClick={() => cancel.mutate(job.id)}
            aria-label={`Cancel: ${nameOf(job)}`}
          >
            Cancel
          </Button>
        ) : null}
      </Group>
      {job.state === 'running' ? (
        <Progress mt={6} value={isCounted ? share : 100} animated={!isCounted} size="sm" aria-label={nameOf(job)} />
      ) : null}
      {job.problem === null ? null : (
        <Text size="sm" mt={4} style={{ overflowWrap: 'anywhere' }}>
          {job.problem}
        </Text>
      )}
      <Wrong error={cancel.error} />
    </Card>
  );
}
