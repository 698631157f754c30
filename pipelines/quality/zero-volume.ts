import type { QualityCheckDefinition } from './quality-check.ts';

/** Runs of bars without volume. A series that never has any (an index, a fixing) is told once, as information. */
export const zeroVolume: QualityCheckDefinition = {
  name: 'zero-volume',
  description: 'bars without volume',
  create: ({ assetClass }, report) => {
    const severity = assetClass === 'index' ? 'info' : 'warning';
    let runFromMs = NaN;
    let run = 0;
    let seenVolume = false;
    const end = (): void => {
      if (run > 0)
        report({ severity, openTimeMs: runFromMs, bars: run, message: `${run} bars in a row without volume.` });
      run = 0;
    };
    return {
      inspect: ({ length, openTimeMs, volume }) => {
        for (let i = 0; i < length; i++) {
          if (volume[i] === 0) {
            if (run === 0) runFromMs = openTimeMs[i]!;
            run++;
          } else {
            if (run > 0) end();
            seenVolume = true;
          }
        }
      },
      finish: () => {
        if (seenVolume || run === 0) return end();
        report({ severity: 'info', openTimeMs: runFromMs, bars: run, message: 'The series has no volume at all.' });
      },
    };
  },
};
