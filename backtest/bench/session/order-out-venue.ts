import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../../infra/clock.ts';
import { StandInVenue } from '../../../trading/testing/venue/stand-in-venue.ts';

/** Between two turns of the venue, in which orders are filled. */
const TURN_MS = 5;

// Entry of the thread that stands in for the venue in `bench order-out`: it says its address, and ends with its thread.
const venue = await StandInVenue.start({ clock: systemClock, seed: 1, cash: '1000000000' });
for (const symbol of workerData as readonly string[]) venue.books.trade(symbol, '100');
venue.run(TURN_MS);
parentPort!.postMessage(venue.url);
