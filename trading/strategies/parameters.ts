/** Arguments of a zod `refine`: a fast window at or above the slow one would never cross it. */
export const fastBelowSlow: [(value: { fast: number; slow: number }) => boolean, { message: string; path: string[] }] =
  [({ fast, slow }) => fast < slow, { message: 'must be below slow', path: ['fast'] }];
