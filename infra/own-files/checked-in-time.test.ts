import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { SOURCE_ARGUMENTS } from '../testing/source-arguments.ts';
import { compileOwnFile } from './compile-own-file.ts';
import { ownFilesPlace } from './testing/own-files-place.ts';

const write = ownFilesPlace();
const SIZER = [
  "import type { OwnSizer } from 'signalbox';",
  'const own: OwnSizer = { parameters: {}, size: () => ({ units: 1 }) };',
  'export default own;',
];
/** Each line compares a thousand names with a thousand, which takes seconds: together it is hours. */
const HEAVY = [
  ...SIZER,
  "type Digit<A extends string> = `${A}${'0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9'}`;",
  'type Pairs<A, B> = A extends A ? (B extends A ? 1 : B extends B ? [A, B] : 0) : 0;',
  ...Array.from({ length: 5_000 }, (_, n) => {
    return `type W${n} = Digit<Digit<Digit<'${n}-'>>>; const pairs${n}: Pairs<W${n}, W${n}> = 0 as never;`;
  }),
];

describe('a file whose types take the compiler hours', () => {
  it('is named with what to do, and the next file is checked as ever', () => {
    const heavy = write('heavy', ...HEAVY);
    expect(() => compileOwnFile(heavy, 'sizer', 1_500)).toThrow(
      expect.objectContaining({
        name: 'InputError',
        message: `${heavy}: its types took the compiler more than 1.5 s.`,
        remedy: expect.stringMatching(/^Write simpler types/) as string,
      }),
    );
    expect(compileOwnFile(write('fine', ...SIZER), 'sizer').kind).toBe('sizer');
    expect(() => compileOwnFile(write('wrong', ...SIZER, 'const n: number = "one";'), 'sizer')).toThrow(
      /wrong-\d+\.ts:4:7: Type 'string' is not assignable to type 'number'/,
    );
  });

  it('ends at Ctrl-C, also where somebody listens for it', async () => {
    const heavy = write('heavy', ...HEAVY);
    const asking = [
      `import { compileOwnFile } from '${new URL('./compile-own-file.ts', import.meta.url).href}';`,
      "process.on('SIGINT', () => undefined);",
      "process.stdout.write('begun');",
      `try { compileOwnFile('${heavy}', 'sizer', 3_600_000); } catch (error) { process.stdout.write(error.message); }`,
    ].join('\n');
    const child = spawn(process.execPath, [...SOURCE_ARGUMENTS, '--input-type=module', '--eval', asking], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    // The signal may come before the check has begun, when the listener gets it: it is sent until the child has ended.
    child.stdout.once('data', () => {
      const again = setInterval(() => child.kill('SIGINT'), 500);
      child.once('close', () => clearInterval(again));
    });
    try {
      const [code] = (await once(child, 'close')) as [number | null];
      expect([code, said]).toEqual([0, `begunStopped by SIGINT, in the check of ${heavy}.`]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
