import type { CorporateActionEvent, OrderUpdate } from '../../effect.ts';
import type { VenueEvent } from '../../venue-event.ts';

/** An event that came from a venue, and when the session took it. */
export interface VenueInput {
  /** 0, 1, 2 ... within the session. */
  readonly position: number;
  /** Steps of the market before it. */
  readonly step: number;
  /** Commands that the session had taken at this step before it. */
  readonly commands: number;
  readonly event: VenueEvent | OrderUpdate | CorporateActionEvent;
}
