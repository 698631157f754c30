import { Alert, Box, Group, MultiSelect, Select, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { DAY_MS } from '../../../../features/timeframe.ts';
import { systemClock } from '../../../../infra/clock.ts';
import { useChosenSession } from '../frame/chosen-session.ts';
import { Wrong } from '../parts/words.tsx';
import { useBoards, useChoices, type PanelScope } from '../service/chart-queries.ts';
import type { Board } from '../service/chart-shapes.ts';
import { BoardPanel } from './board-panel.tsx';
import styles from './boards.module.css';
import { spanMsOf } from './panel-text.ts';

const SPANS = ['1h', '6h', '24h', '7d', '30d', '90d', '365d', '3650d'];
const SPAN_WORDS: Readonly<Record<string, string>> = { '365d': 'a year', '3650d': 'ten years' };
/** Of a session whose market is past, so that daily bars make a chart as well. */
const SPAN_OF_PAST = '90d';
const PAST_MS = 5 * DAY_MS;
const REFRESH = [
  { value: '', label: 'Not by itself' },
  { value: '10', label: 'Every 10 s' },
  { value: '30', label: 'Every 30 s' },
  { value: '60', label: 'Every minute' },
];

/** The boards that Grafana gets, drawn from the same definition. */
export function BoardsPage(): ReactNode {
  const boards = useBoards();
  const [id, setId] = useState<string | null>(null);
  const board = boards.data?.find((one) => one.id === id) ?? boards.data?.[0];
  return (
    <Stack gap="sm">
      <Title order={1} size="h3">
        Boards
      </Title>
      <Wrong error={boards.error} />
      {boards.data === undefined ? null : (
        <Box style={{ overflowX: 'auto' }}>
          <SegmentedControl
            size="xs"
            aria-label="Board"
            value={board?.id ?? ''}
            onChange={setId}
            data={boards.data.map((one) => ({ value: one.id, label: nameOf(one) }))}
          />
        </Box>
      )}
      {board === undefined ? null : <OneBoard key={board.id} board={board} />}
    </Stack>
  );
}

/** Without the name of the program, which stands above. */
function nameOf({ title }: Board): string {
  const name = title.replace(/^Signalbox: /, '');
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function OneBoard({ board }: { readonly board: Board }): ReactNode {
  const { id: session, sessions } = useChosenSession();
  const [pickedSpan, setSpan] = useState<string | null>(null);
  const [refresh, setRefresh] = useState('30');
  const [pickedEnd, setIsAtBar] = useState<boolean | null>(null);
  const [unavailable, setUnavailable] = useState<string | null>(null);
  const [picked, setPicked] = useState<readonly string[] | null>(null);
  const own = board.choices.length === 0 || session === undefined ? [] : [session];
  const chosen = picked ?? own;
  const closes = sessions.flatMap((one) => (chosen.includes(one.session) ? (one.lastClose ?? []) : []));
  const lastBar = closes.sort().at(-1) ?? null;
  // Of a market of the past there is nothing up to now: it is shown up to its own end, until somebody chooses.
  const isPast = lastBar !== null && systemClock() - Date.parse(lastBar) > Math.max(PAST_MS, spanMsOf(board.span));
  const isAtBar = lastBar !== null && (pickedEnd ?? isPast);
  const span = pickedSpan ?? (isPast && spanMsOf(board.span) < spanMsOf(SPAN_OF_PAST) ? SPAN_OF_PAST : board.span);
  const scope: PanelScope = {
    spanMs: spanMsOf(span),
    end: isAtBar ? lastBar : null,
    sessions: chosen,
    everyMs: refresh === '' ? null : 1_000 * Number(refresh),
  };
  const all = board.rows.flatMap(({ panels }) => panels);
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {board.about}
      </Text>
      <Controls
        board={board}
        looks={{ span, refresh, isAtBar, chosen, lastBar }}
        on={{ setSpan, setRefresh, setIsAtBar, setPicked }}
      />
      {unavailable === null ? null : (
        <Alert color="gray" variant="light" p="xs">
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {unavailable}
          </Text>
        </Alert>
      )}
      {board.rows.map(({ title, panels }) => (
        <section key={title}>
          <Title order={2} size="h5" mb="xs">
            {title}
          </Title>
          <div className={styles['grid']}>
            {panels.map((panel) => (
              <div
                key={panel.title}
                className={styles['panel']}
                style={{ '--panel-width': panel.at.w } as React.CSSProperties}
              >
                <BoardPanel
                  board={board.id}
                  place={all.indexOf(panel)}
                  panel={panel}
                  scope={scope}
                  onUnavailable={setUnavailable}
                />
              </div>
            ))}
          </div>
        </section>
      ))}
    </Stack>
  );
}

interface ControlsProps {
  readonly board: Board;
  readonly looks: {
    readonly span: string;
    readonly refresh: string;
    readonly isAtBar: boolean;
    readonly chosen: readonly string[];
    readonly lastBar: string | null;
  };
  readonly on: {
    readonly setSpan: (span: string) => void;
    readonly setRefresh: (refresh: string) => void;
    readonly setIsAtBar: (isAtBar: boolean) => void;
    readonly setPicked: (picked: string[]) => void;
  };
}

function Controls({ board, looks, on }: ControlsProps): ReactNode {
  const spans = SPANS.includes(board.span) ? SPANS : [board.span, ...SPANS];
  return (
    <Group gap="sm" align="end">
      <Select
        size="xs"
        w={120}
        label="Span"
        allowDeselect={false}
        value={looks.span}
        data={spans.map((value) => ({ value, label: SPAN_WORDS[value] ?? value }))}
        onChange={(value) => on.setSpan(value ?? board.span)}
      />
      {board.choices.length === 0 ? null : <SessionControls board={board} looks={looks} on={on} />}
      <Select
        size="xs"
        w={140}
        label="Asked again"
        allowDeselect={false}
        value={looks.refresh}
        data={REFRESH}
        onChange={(value) => on.setRefresh(value ?? '')}
      />
    </Group>
  );
}

/** Whose numbers are shown, and up to when: what a session has on record stands where its market was. */
function SessionControls({ board, looks: { isAtBar, chosen, lastBar }, on }: ControlsProps): ReactNode {
  const [choice] = board.choices;
  const offered = useChoices(board.id, choice?.name);
  return (
    <>
      <Select
        size="xs"
        w={150}
        label="Ends"
        allowDeselect={false}
        value={isAtBar ? 'bar' : 'now'}
        data={[
          { value: 'now', label: 'now' },
          { value: 'bar', label: 'at the last bar', disabled: lastBar === null },
        ]}
        onChange={(value) => on.setIsAtBar(value === 'bar')}
      />
      <MultiSelect
        size="xs"
        miw={220}
        maw={480}
        label={choice!.label}
        searchable
        clearable
        value={[...chosen]}
        data={[...new Set([...(offered.data ?? []), ...chosen])]}
        onChange={on.setPicked}
      />
      <Wrong error={offered.error} />
    </>
  );
}
