import { z } from 'zod';

/** What came of a test that was sent to a channel: null where it took it. */
export const triedSchema = z
  .object({ channel: z.string(), answer: z.string().nullable() })
  .meta({ id: 'TriedChannel' });
