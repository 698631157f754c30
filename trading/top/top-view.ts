import { Box, Text, useApp, useInput, useStdout } from 'ink';
import { createElement as h, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { headLine, panelLines, type PanelLines } from './top-frame.ts';
import { PANELS, type Panel, type TopModel, type TopState } from './top-model.ts';

/** Rows of the list of sessions that are always in view. */
const SESSIONS_MAX = 4;
/** From these on every panel is shown at once. */
const WIDE = { columns: 120, rows: 40 };
const QUESTIONS = {
  stop: 'Stop it between two bars? Positions and orders are kept. y: yes, e: emergency stop, any other key: no',
  'emergency-stop': 'EMERGENCY STOP: cancel every order, hear no signal, only observe? y: yes, any other key: no',
} as const;
const KEYS = 'tab panel  arrows move  / filter  s stop  q quit';

export interface TopViewOptions {
  readonly model: TopModel;
  readonly colours: boolean;
  /** Of the terminal, where it does not say them itself. */
  readonly size?: { readonly columns: number; readonly rows: number };
}

/** The whole view: keyboard, and what is shown in a terminal of this size. */
export function TopView({ model, colours, size }: TopViewOptions): ReactNode {
  const state = useSyncExternalStore(model.subscribe, model.state, model.state);
  const { columns, rows } = useTerminalSize(size);
  useKeys(model, state);
  return frameOf({ model, state, colours, columns, rows });
}

interface Frame {
  readonly model: TopModel;
  readonly state: TopState;
  readonly colours: boolean;
  readonly columns: number;
  readonly rows: number;
}

/** One frame, a line less than the terminal has: a full one would make it scroll. */
export function frameOf(frame: Frame): ReactNode {
  const { state, columns, rows } = frame;
  const height = Math.max(6, rows - 1);
  const isWide = columns >= WIDE.columns && rows >= WIDE.rows;
  const head = h(Text, { key: 'head', wrap: 'truncate', bold: true }, headLine(state, columns));
  const body = isWide ? everything(frame, height - 2) : onePanel(frame, height - 2);
  return h(Box, { flexDirection: 'column', width: columns, height }, head, body, footOf(frame));
}

function onePanel(frame: Frame, height: number): ReactNode {
  const { state } = frame;
  const tabs = h(
    Text,
    { key: 'tabs', wrap: 'truncate' },
    ...PANELS.map((panel) =>
      h(Text, { key: panel, inverse: panel === state.panel, dimColor: panel !== state.panel }, ` ${panel} `),
    ),
  );
  if (state.panel === 'sessions') return column('one', [tabs, panelOf(frame, 'sessions', { height: height - 1 })]);
  const sessions = Math.min(SESSIONS_MAX, Math.max(1, frame.model.shown('sessions').length)) + 2;
  const first = panelOf(frame, 'sessions', { height: sessions });
  return column('one', [first, tabs, panelOf(frame, state.panel, { height: height - 1 - sessions })]);
}

function everything(frame: Frame, height: number): ReactNode {
  const sessions = Math.min(8, Math.max(1, frame.model.shown('sessions').length)) + 2;
  const rest = height - sessions;
  const [left, right] = [Math.ceil(frame.columns / 2) - 1, Math.floor(frame.columns / 2) - 1];
  const half = Math.floor(rest / 2);
  const third = Math.floor(rest / 3);
  const sideBySide = h(
    Box,
    { key: 'all', columnGap: 2 },
    column('left', [
      panelOf(frame, 'positions', { height: half, width: left }),
      panelOf(frame, 'orders', { height: rest - half, width: left }),
    ]),
    column('right', [
      panelOf(frame, 'signals', { height: third, width: right }),
      panelOf(frame, 'risk', { height: third, width: right }),
      panelOf(frame, 'alerts', { height: rest - 2 * third, width: right }),
    ]),
  );
  return column('everything', [panelOf(frame, 'sessions', { height: sessions }), sideBySide]);
}

function column(key: string, children: readonly ReactNode[]): ReactNode {
  return h(Box, { key, flexDirection: 'column' }, ...children);
}

function panelOf(
  { model, state, colours, columns }: Frame,
  panel: Panel,
  { height, width = columns }: { readonly height: number; readonly width?: number },
): ReactNode {
  if (height < 2) return null;
  const { title, heading, lines } = panelLines(model, state, panel, { lines: height - 2, width });
  const isChosen = state.panel === panel;
  return h(
    Box,
    { key: panel, flexDirection: 'column', width, height, overflow: 'hidden' },
    h(Text, { key: 'title', wrap: 'truncate', bold: true, ...(colours && isChosen ? { color: 'cyan' } : {}) }, title),
    h(Text, { key: 'heading', wrap: 'truncate', dimColor: true }, heading),
    ...lines.map((line, at) => lineOf(line, at, colours)),
  );
}

function lineOf({ text, tone, isChosen }: PanelLines['lines'][number], at: number, colours: boolean): ReactNode {
  const color = colours && tone !== null ? { color: tone } : {};
  return h(Text, { key: at, wrap: 'truncate', inverse: isChosen, ...color }, text === '' ? ' ' : text);
}

function footOf({ state, colours }: Frame): ReactNode {
  const loud = colours ? { color: 'red' } : {};
  if (state.question !== null) {
    return h(Text, { key: 'foot', wrap: 'truncate', inverse: true, ...loud }, QUESTIONS[state.question]);
  }
  if (state.typing) return h(Text, { key: 'foot', wrap: 'truncate' }, `/${state.filter}█  enter keeps it, esc ends it`);
  if (state.trouble !== '') return h(Text, { key: 'foot', wrap: 'truncate', ...loud }, state.trouble);
  return h(Text, { key: 'foot', wrap: 'truncate', dimColor: state.said === '' }, state.said === '' ? KEYS : state.said);
}

/** Columns and rows of the terminal, as they are now. */
function useTerminalSize(fixed: TopViewOptions['size']): { readonly columns: number; readonly rows: number } {
  const { stdout } = useStdout();
  const now = () => fixed ?? { columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 };
  const [size, setSize] = useState(now);
  useEffect(() => {
    const changed = (): void => setSize(now());
    stdout.on('resize', changed);
    return () => void stdout.off('resize', changed);
  }, [stdout]);
  return size;
}

function useKeys(model: TopModel, state: TopState): void {
  const { exit } = useApp();
  useInput((input, key) => {
    if (state.typing) {
      if (key.escape) model.change({ typing: false, filter: '' });
      else if (key.return) model.change({ typing: false });
      else if (key.backspace || key.delete) model.change({ filter: state.filter.slice(0, -1) });
      else if (!key.ctrl && !key.meta) model.change({ filter: state.filter + input.replace(/\p{C}/gu, '') });
      return;
    }
    if (state.question !== null) {
      if (input === 'y') void model.answer();
      else if (input === 'e' && state.question === 'stop') model.change({ question: 'emergency-stop' });
      else model.change({ question: null, said: 'nothing was done' });
      return;
    }
    if (input === 'q' || (key.ctrl && input === 'c')) exit();
    else if (input === '/') model.change({ typing: true, filter: '' });
    else if (input === 's' && state.session !== null) model.change({ question: 'stop' });
    else if (key.tab || key.rightArrow) model.turn(key.shift ? -1 : 1);
    else if (key.leftArrow) model.turn(-1);
    else if (key.upArrow) model.move(-1);
    else if (key.downArrow) model.move(1);
    else if (key.escape) model.change({ filter: '', said: '' });
  });
}
