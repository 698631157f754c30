import { barAt, type BarColumns } from '../../features/bar.ts';
import type { CommandContext } from '../../infra/command.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { silentProgress } from '../../infra/terminal/progress.ts';
import type { FeedEvent } from '../../pipelines/feeds/feed-event.ts';
import { liveExperiment, type AskedSession } from '../../trading/sessions/live-experiment.ts';
import { runPaper } from '../../trading/sessions/paper-command.ts';
import type { Replay } from '../../trading/sessions/replay.ts';
import type { PlantedPlace } from './planted-place.ts';

/** A signal as it is stored. */
export interface SignalRow {
  readonly time: Date;
  readonly action: string;
  readonly probability: number;
  readonly reason: string;
  readonly model: string;
  readonly novelty: number;
}

interface Played {
  /** Live bars after which the session is stopped; all by default. */
  readonly closes?: number;
  /** Happens before a live bar comes. */
  readonly between?: (live: number) => Promise<void>;
  /** What the feed brings in place of the place's bars. */
  readonly feed?: BarColumns;
  /** The time at which a live bar comes; its close by default. */
  readonly comesMs?: (live: number) => number;
  readonly asked?: AskedSession;
}

/** Live sessions of a planted place whose feed is played. */
export interface LivePlace {
  /** What the sessions have said on the terminal. */
  readonly notes: string[];
  /** Prepares a session as `paper --feed live` does. */
  start(asked?: AskedSession): Promise<Replay>;
  /** Plays a session to its end or until it is stopped, and returns its signals. */
  play(id: string, played?: Played): Promise<SignalRow[]>;
  /** The signals of a session that was played. */
  signalsOf(id: string): Promise<SignalRow[]>;
}

/** Sessions that know `known` of `bars` when they begin and are brought the others. */
export function makeLivePlace(
  database: Database,
  { place, bars, known }: { place: PlantedPlace; bars: BarColumns; known: number },
): LivePlace {
  const notes: string[] = [];
  let nowMs = bars.closeTimeMs[known - 1]!;
  const contextWith = (signal: AbortSignal): CommandContext => ({
    config: place.config,
    clock: () => nowMs,
    progress: { ...silentProgress(), note: (text) => notes.push(text) },
    json: true,
    signal,
    database: () => Promise.resolve(database),
    print: () => undefined,
    announce: () => undefined,
  });
  const start: LivePlace['start'] = (asked = {}) =>
    liveExperiment(contextWith(new AbortController().signal), place.experimentPath, { vendor: 'alpaca', ...asked });
  const signalsOf: LivePlace['signalsOf'] = async (id) => {
    const { rows } = await database.pool.query<SignalRow>(
      'SELECT time, action, probability, reason, model, novelty FROM signalbox.signals WHERE session_id = $1 ORDER BY record',
      [id],
    );
    return rows;
  };
  const play: LivePlace['play'] = async (id, played = {}) => {
    const { closes = bars.length - known, between, feed = bars, asked = {} } = played;
    const { comesMs = (live) => feed.closeTimeMs[known + live]! } = played;
    const stopping = new AbortController();
    const context = contextWith(stopping.signal);
    async function* open(fromMs: number): AsyncGenerator<FeedEvent> {
      for (let row = 0; row < feed.length; row++) {
        if (feed.openTimeMs[row]! < fromMs) continue;
        if (row - known >= closes) return stopping.abort();
        await between?.(row - known);
        nowMs = comesMs(row - known);
        yield { kind: 'bar', symbol: feed.symbol, bar: barAt(feed, row), origin: 'stream', lastOfClose: true };
      }
    }
    await runPaper(context, { speed: 'max', feed: 'live', session: id }, async () => {
      const asking = { vendor: 'alpaca', session: id, ...asked };
      const replay = await liveExperiment(context, place.experimentPath, asking);
      return { ...replay, live: { ...replay.live!, open } };
    });
    return signalsOf(id);
  };
  return { notes, start, play, signalsOf };
}
