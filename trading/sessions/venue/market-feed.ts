import { InputError } from '../../../infra/errors.ts';
import type { Experiment } from '../../../models/experiment/experiment.ts';
import { VENDOR_NAMES, type VendorName } from '../../../pipelines/vendors/vendor.ts';
import type { VenuePlan } from './venue-plan.ts';

interface TradedAt {
  readonly venue?: VenuePlan | undefined;
  readonly broker?: string | undefined;
}

/** Null where it is simulated. */
export function venueName({ venue, broker = 'simulated' }: TradedAt): string | null {
  const name = venue?.broker.name ?? broker;
  return name === 'simulated' ? null : name;
}

/** A venue that tells of its market, too, where the experiment's data come from no vendor. */
export function defaultFeed({ data }: Experiment, venue: string | null): string {
  const isVendor = VENDOR_NAMES.some((name) => name === data.source);
  // A market of futures is told of by the spot market beside it.
  return venue === null || isVendor ? data.source : venue === 'binance-futures' ? 'binance' : venue;
}

/** The vendor asked for, or the one that the experiment's data come from. */
export function vendorOf({ data }: Experiment, wanted: string = data.source): VendorName {
  if (data.sample !== undefined) {
    throw new InputError(
      'data.sample: no live feed makes bars by trading; a model of them would be given bars of time.',
      'Replay the file, or leave data.sample out and train again.',
    );
  }
  const found = VENDOR_NAMES.find((name) => name === wanted);
  if (found !== undefined) return found;
  throw new InputError(`${wanted} has no live feed.`, `Name one by --vendor: ${VENDOR_NAMES.join(', ')}.`);
}
