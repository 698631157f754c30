import { z } from 'zod';
import type { VendorEndpoint } from '../http/http-failure.ts';
import { parseAnswer } from '../http/parse-answer.ts';
import type { ActionPage, ActionsRequest } from '../vendor-actions.ts';
import { vendorDate } from '../vendor-date.ts';
import { requirePolygonActions } from './require-polygon-actions.ts';

/** `GET /v3/reference/splits`; `results` is left out where there are none. */
const answer = z.object({
  status: z.literal('OK'),
  results: z
    .array(
      z.object({
        id: z.string().min(1),
        ticker: z.string(),
        execution_date: vendorDate,
        split_from: z.number().positive(),
        split_to: z.number().positive(),
      }),
    )
    .optional(),
  next_url: z.string().optional(),
});

/**
 * A page of splits; Polygon does not say when they were announced. Throws VendorError `malformed`, also for another
 * ticker or range.
 */
export function parsePolygonSplits(json: unknown, asked: ActionsRequest, where: VendorEndpoint): ActionPage {
  const { results = [], next_url: next } = parseAnswer(answer, json, where);
  const actions = results.map(({ id, execution_date, split_from, split_to }) => {
    return { id, kind: 'split', exDay: execution_date, value: split_to / split_from, announcedDay: null } as const;
  });
  requirePolygonActions(
    results.map(({ ticker, execution_date }) => ({ ticker, exDay: execution_date })),
    asked,
    where,
  );
  return { actions, passedOver: [], next };
}
