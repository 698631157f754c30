import { serveThread } from '../threads/thread-service.ts';
import { InputError } from '../errors.ts';

// A thread that does what its test asks for.
serveThread<string, { readonly values: Float64Array }>(async (request, send) => {
  if (request === 'loop') for (;;);
  if (request === 'fill') for (const held: Uint8Array[] = []; ;) held.push(new Uint8Array(1e7).fill(1));
  if (request === 'heap') for (const held: number[][] = []; ;) held.push(new Array<number>(1e6).fill(held.length));
  if (request === 'grow') for (let held: number[] = [], at = 0; ; at++) held[at] = at;
  if (request === 'refuse') throw new InputError('it is not a file', 'give one');
  if (request === 'fail') throw new TypeError('x is not a function');
  if (request === 'leave') process.exit(3);
  if (request === 'reject') void Promise.reject(new Error('nobody waits'));
  for (let i = 0; i < 5; i++) {
    const values = new Float64Array(1000).fill(i);
    await send({ values }, [values.buffer]);
    if (values.length > 0) throw new Error('the values were copied');
  }
});
