import { useComputedColorScheme } from '@mantine/core';

/** Colours of lines, told apart on light and dark ground and by most who see colours otherwise. */
const LINES = {
  light: ['#0b7285', '#c2410c', '#5f3dc4', '#2b8a3e', '#a61e4d', '#1864ab', '#7c5e10', '#495057'],
  dark: ['#3bc9db', '#ffa94d', '#b197fc', '#69db7c', '#f783ac', '#74c0fc', '#ffd43b', '#ced4da'],
} as const;

export interface ChartColours {
  readonly lines: readonly string[];
  readonly text: string;
  readonly grid: string;
  readonly ground: string;
  readonly gain: string;
  readonly loss: string;
  readonly look: string;
}

const LIGHT: ChartColours = {
  lines: LINES.light,
  text: '#495057',
  grid: '#e9ecef',
  ground: '#ffffff',
  gain: '#086b4c',
  loss: '#b42318',
  look: '#b35900',
};
const DARK: ChartColours = {
  lines: LINES.dark,
  text: '#c1c2c5',
  grid: '#373a40',
  ground: '#242424',
  gain: '#3fc79a',
  loss: '#ff8a80',
  look: '#ffa94d',
};

/** What charts are drawn in: they are painted, and follow no style sheet. */
export function useChartColours(): ChartColours {
  return useComputedColorScheme('light') === 'dark' ? DARK : LIGHT;
}
