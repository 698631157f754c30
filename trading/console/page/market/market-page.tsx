import { Anchor, Group, SegmentedControl, Select, Stack, Switch, TagsInput, Text, Title } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { FEATURE_TIMEFRAMES, timeframeMs } from '../../../../features/timeframe.ts';
import { useChosenSession } from '../frame/chosen-session.ts';
import { Wrong } from '../parts/words.tsx';
import { useSeries, useSessionSymbols } from '../service/chart-queries.ts';
import type { Series } from '../service/chart-shapes.ts';
import { useMay } from '../sign-in/me.tsx';
import { SymbolChart } from './symbol-chart.tsx';

const OFFERED = [
  ...['ema(20)', 'sma(50)', 'bollinger(20,2)', 'vwap()', 'supertrend(10,3)', 'donchian(20)'],
  ...['rsi(14)', 'macd(12,26,9)', 'adx(14)', 'atr(14)', 'stoch(14,1,3)', 'obv()'],
];

/** Candles of a symbol with what a session did there, features, and the probability of its model. */
export function MarketPage(): ReactNode {
  const choice = useMarketChoice();
  const { id, symbol, bars, until, timeframe, isOwn, isKnown, error, search } = choice;
  const [features, setFeatures] = useState<string[]>(['ema(20)', 'rsi(14)']);
  const [isTable, setIsTable] = useState(false);
  const chart = (of: string | undefined): ReactNode =>
    symbol === undefined ? null : (
      <SymbolChart
        key={`${symbol} ${of} ${bars} ${id}`}
        of={{ symbol, timeframe: of, session: bars === 'session' ? (id ?? null) : null, until }}
        session={isOwn ? id : undefined}
        features={features.join(',')}
        isTable={isTable}
      />
    );
  return (
    <Stack gap="sm">
      <Title order={1} size="h3">
        Market
      </Title>
      <Wrong error={error} />
      <Group gap="sm" align="end">
        <WhichBars choice={choice} />
        <TagsInput
          size="xs"
          miw={200}
          maw={520}
          style={{ flex: 1 }}
          label="Features"
          placeholder="rsi(14)"
          splitChars={[';']}
          value={features}
          data={OFFERED}
          maxTags={10}
          onChange={setFeatures}
        />
        <Switch
          size="xs"
          label="Table"
          checked={isTable}
          onChange={(event) => setIsTable(event.currentTarget.checked)}
        />
      </Group>
      {symbol === undefined && isKnown ? (
        <Text c="dimmed">There are no bars yet: signalbox ingest brings some, or a session that trades.</Text>
      ) : null}
      {isKnown ? chart(timeframe) : null}
      {isKnown && search.beside !== undefined ? chart(search.beside) : null}
      <Text size="xs" c="dimmed">
        In: entry, Out: exit. Circles are signals that turn, squares those that were refused. Drawn with Lightweight
        Charts by{' '}
        <Anchor href="https://www.tradingview.com/" size="xs" underline="always">
          TradingView
        </Anchor>
        .
      </Text>
    </Stack>
  );
}

/** All of the store, those of it that a session has come to, or those that it was given live. */
type Bars = 'store' | 'until' | 'session';

interface MarketSearch {
  readonly symbol?: string | undefined;
  readonly timeframe?: string | undefined;
  readonly beside?: string | undefined;
  readonly bars?: Bars | undefined;
}

interface MarketChoice {
  readonly id: string | undefined;
  readonly search: MarketSearch;
  readonly change: (changed: MarketSearch) => void;
  readonly symbols: readonly string[];
  readonly symbol: string | undefined;
  readonly bars: Bars;
  readonly until: string | null;
  /** There are bars in the store, and the session trades the symbol: both can be looked at. */
  readonly hasBoth: boolean;
  readonly isOwn: boolean;
  readonly timeframes: readonly string[];
  readonly timeframe: string | undefined;
  readonly isKnown: boolean;
  readonly error: Error | null;
}

/** What is looked at: what the address says, or else the first symbol of the session in its shortest timeframe. */
function useMarketChoice(): MarketChoice {
  const { id, session } = useChosenSession();
  const search = useSearch({ from: '__root__' });
  const navigate = useNavigate();
  const series = useSeries(useMay('market:read'));
  const own = useSessionSymbols(id);
  const symbols = [...new Set([...(own.data ?? []), ...(series.data ?? []).map(({ symbol }) => symbol)])];
  const symbol = search.symbol ?? symbols[0];
  const stored = (series.data ?? []).filter((one) => one.symbol === symbol);
  const isOwn = symbol !== undefined && own.data?.includes(symbol) === true;
  const lastClose = isOwn ? (session?.lastClose ?? null) : null;
  const bars = search.bars ?? barsFor(stored, lastClose);
  const timeframes = bars === 'session' ? [...FEATURE_TIMEFRAMES] : timeframesOf(stored);
  return {
    id,
    search,
    change: (changed) => void navigate({ to: '.', search: { ...search, ...changed }, replace: true }),
    symbols,
    symbol,
    bars,
    until: bars === 'until' ? lastClose : null,
    hasBoth: isOwn && stored.length > 0,
    isOwn,
    timeframes,
    timeframe: search.timeframe ?? (bars === 'session' ? undefined : timeframes[0]),
    isKnown: !series.isLoading && !own.isLoading,
    error: series.error ?? own.error,
  };
}

function WhichBars({ choice }: { readonly choice: MarketChoice }): ReactNode {
  const { symbols, symbol, bars, hasBoth, timeframes, timeframe, search, change } = choice;
  return (
    <>
      <Select
        size="xs"
        w={150}
        label="Symbol"
        searchable
        allowDeselect={false}
        limit={100}
        value={symbol ?? null}
        data={[...symbols]}
        onChange={(value) => change({ symbol: value ?? undefined, timeframe: undefined, beside: undefined })}
      />
      <Select
        size="xs"
        w={110}
        label="Timeframe"
        allowDeselect={false}
        value={timeframe ?? ''}
        data={bars === 'session' ? [{ value: '', label: 'As given' }, ...timeframes] : [...timeframes]}
        onChange={(value) => change({ timeframe: value === '' || value === null ? undefined : value })}
      />
      <Select
        size="xs"
        w={110}
        label="Beside it"
        clearable
        clearButtonProps={{ 'aria-label': 'No timeframe beside it' }}
        placeholder="none"
        value={search.beside ?? null}
        data={[...timeframes]}
        onChange={(value) => change({ beside: value ?? undefined })}
      />
      {hasBoth ? (
        <SegmentedControl
          size="xs"
          aria-label="Which bars"
          value={bars}
          data={[
            { value: 'store', label: 'All stored' },
            { value: 'until', label: 'As far as the session is' },
            { value: 'session', label: 'As given live' },
          ]}
          onChange={(value) => change({ bars: value as Bars, timeframe: undefined })}
        />
      ) : null}
    </>
  );
}

/** A session of the past is followed through the store; one that is beyond the store has bars of its own. */
function barsFor(stored: readonly Series[], lastClose: string | null): Bars {
  const spans = stored.map(({ to, timeframe }) => {
    const spanMs = timeframeMs(timeframe) ?? 0;
    return { endMs: Date.parse(to ?? '') + spanMs, spanMs };
  });
  if (spans.length === 0) return 'session';
  if (lastClose === null) return 'store';
  const closeMs = Date.parse(lastClose);
  if (spans.some(({ endMs }) => endMs > closeMs)) return 'until';
  return spans.some(({ endMs, spanMs }) => endMs + 2 * spanMs > closeMs) ? 'store' : 'session';
}

/** Those that are stored, and longer ones that can be made of them. */
function timeframesOf(stored: readonly Series[]): string[] {
  const shortest = Math.min(
    ...stored.map(({ timeframe }) => FEATURE_TIMEFRAMES.indexOf(timeframe)).filter((at) => at >= 0),
  );
  return FEATURE_TIMEFRAMES.slice(Number.isFinite(shortest) ? shortest : FEATURE_TIMEFRAMES.length);
}
