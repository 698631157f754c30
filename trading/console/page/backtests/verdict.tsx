import { Badge, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';

const VERDICTS: Readonly<Record<string, { readonly color: string; readonly means: string }>> = {
  evidence: { color: 'teal', means: 'Beats its benchmark by more than luck and the number of trials explain.' },
  weak: { color: 'yellow', means: 'Likely better than its benchmark, but the trials or the record do not prove it.' },
  none: { color: 'gray', means: 'No evidence that it beats buy-and-hold of the same exposure.' },
};

/** What a run was judged to be. */
export function Verdict({ word, size = 'sm' }: { readonly word: string | null; readonly size?: string }): ReactNode {
  if (word === null) return null;
  const { color, means } = VERDICTS[word] ?? { color: 'gray', means: word };
  return (
    <Tooltip label={means} multiline maw={280}>
      <Badge variant="default" size={size} leftSection={<Dot color={color} />} tt="none" fw={600}>
        {word === 'none' ? 'no evidence' : word}
      </Badge>
    </Tooltip>
  );
}

function Dot({ color }: { readonly color: string }): ReactNode {
  const background = `var(--mantine-color-${color}-6)`;
  return <span aria-hidden="true" style={{ display: 'block', width: 8, height: 8, borderRadius: 4, background }} />;
}
