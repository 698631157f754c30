import { VENUE_KILL_PROOFS } from './venue/venue-kill-proof.ts';
import { ALERT_PROOF } from './alerts/alert-proof.ts';
import { ALERT_KINDS_PROOF } from './alerts/kinds/alert-kinds-proof.ts';
import { FEED_PROOFS } from './feed-proofs.ts';
import { FUZZ_PROOF } from './fuzz/fuzz-proof.ts';
import { IMAGE_PROOF } from './image/image-proof.ts';
import { KILL_PROOF } from './kill-proof.ts';
import { ANOMALY_PROOF } from './learning/anomaly-proof.ts';
import { CONFORMAL_PROOF } from './learning/conformal-proof.ts';
import { SELECTION_PROOF } from './learning/selection-proof.ts';
import { MATCHING_PROOF } from './matching/matching-proof.ts';
import { MATRIX_PROOF } from './versions/matrix-proof.ts';
import { PACKAGE_PROOF } from './versions/package-proof.ts';
import { MEMORY_PROOF } from './memory-proof.ts';
import { FIRST_DAY_PROOF } from './newcomer/first-day-proof.ts';
import { README_PROOF } from './newcomer/readme-proof.ts';
import { OUTAGE_PROOF } from './outage-proof.ts';
import { PLANTED_PROOF } from './planted/planted-proof.ts';
import type { Proof } from './proof.ts';
import { PANEL_PROOF, SCALE_PROOF } from './scale-proof.ts';
import { API_SCHEMA_PROOF } from './service/api-schema-proof.ts';
import { SESSION_KILL_PROOF } from './session-kill-proof.ts';
import { SEARCH_PROOFS } from './search-proofs.ts';
import { TRUTH_PROOFS } from './truth-proofs.ts';
import { VENDOR_FAULT_PROOF } from './vendor-fault-proof.ts';
import { SESSION_OUTAGE_PROOF } from './venue/session-outage-proof.ts';
import { VENUE_FAULT_PROOF } from './venue/venue-fault-proof.ts';
import { WEEK_PROOF } from './venue/week-proof.ts';
import { WORKER_KILL_PROOF } from './worker-kill-proof.ts';

/** Every proof that `prove` knows. */
export const PROOFS: readonly Proof[] = [
  KILL_PROOF,
  WORKER_KILL_PROOF,
  SESSION_KILL_PROOF,
  ...VENUE_KILL_PROOFS,
  VENUE_FAULT_PROOF,
  WEEK_PROOF,
  OUTAGE_PROOF,
  SESSION_OUTAGE_PROOF,
  MEMORY_PROOF,
  SCALE_PROOF,
  PANEL_PROOF,
  ...TRUTH_PROOFS,
  ...SEARCH_PROOFS,
  ...FEED_PROOFS,
  VENDOR_FAULT_PROOF,
  FUZZ_PROOF,
  MATRIX_PROOF,
  PACKAGE_PROOF,
  FIRST_DAY_PROOF,
  README_PROOF,
  MATCHING_PROOF,
  PLANTED_PROOF,
  API_SCHEMA_PROOF,
  ALERT_PROOF,
  ALERT_KINDS_PROOF,
  IMAGE_PROOF,
  CONFORMAL_PROOF,
  ANOMALY_PROOF,
  SELECTION_PROOF,
];
