import { Group, Text, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { DAY_MS } from '../../../../features/timeframe.ts';
import { ageText, useFormats, type Formats } from '../parts/formats.ts';
import { State } from '../parts/words.tsx';
import { heardMs, useIsLive } from '../live/live-state.ts';
import { useSessions } from '../service/queries.ts';
import { useChosenSession } from './chosen-session.ts';
import { useNow } from './ticking.ts';

/** No answer for so long is no connection. */
const AWAY_MS = 8_000;
/** A bar that is older than a long weekend is named by its day. */
const PAST_MS = 5 * DAY_MS;

/** Whether the service answers, how old its last answer is, and which bar the session has seen last. */
export function Connection(): ReactNode {
  const nowMs = useNow();
  const formats = useFormats();
  const { dataUpdatedAt, isError } = useSessions();
  const { session } = useChosenSession();
  const isLive = useIsLive();
  const ageMs = Math.max(0, nowMs - Math.max(dataUpdatedAt, heardMs()));
  const isAway = (isError && !isLive) || ageMs > AWAY_MS;
  const lastClose = session?.lastClose ?? null;
  return (
    <Group gap={6} wrap="nowrap" role="status" aria-live="off">
      <span className={isAway ? 'light-off' : 'light-on'} aria-hidden="true" />
      <Text size="xs" fw={600} style={{ whiteSpace: 'nowrap' }}>
        {isAway ? `No connection for ${ageText(ageMs)}` : isLive ? 'Live' : 'Connected'}
      </Text>
      <Tooltip label={lastClose === null ? 'No bar has closed yet' : `Last bar closed ${formats.moment(lastClose)}`}>
        <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          data {ageText(ageMs)} old
          {lastClose === null ? null : (
            <Text span inherit visibleFrom="sm">
              , {barText(Date.parse(lastClose), nowMs, formats)}
            </Text>
          )}
        </Text>
      </Tooltip>
    </Group>
  );
}

/** When the last bar closed: how long ago, or on which day where it is of a market of the past. */
function barText(closeMs: number, nowMs: number, formats: Formats): string {
  const ageMs = nowMs - closeMs;
  return ageMs < PAST_MS ? `last bar ${ageText(ageMs)} ago` : `last bar ${formats.day(closeMs)}`;
}

/** The time where the user is, with the name of the zone. */
export function Zone(): ReactNode {
  const formats = useFormats();
  const nowMs = useNow();
  return (
    <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
      {formats.clock(nowMs)} {formats.timeZone}
    </Text>
  );
}

/** What is at stake: real money as soon as one session that runs has some. */
export function Mode(): ReactNode {
  const { sessions, session } = useChosenSession();
  const running = sessions.filter(({ state }) => state === 'running');
  const isLive = running.some(({ mode }) => mode === 'live');
  const mode = isLive ? 'live' : (session?.mode ?? 'paper');
  return <State word={mode} size="md" />;
}
