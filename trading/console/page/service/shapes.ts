import type { z } from 'zod';
import type {
  accessSchema,
  begunFactorSchema,
  factorSchema,
  listedUserSchema,
  meSchema,
  riskProfileSchema,
  signInSchema,
  ticketSchema,
  tokenSchema,
  waysSchema,
} from '../../../../infra/auth/routes/schemas.ts';
import type { anomaliesSchema } from '../../../anomalies/routes.ts';
import type { orderSchema } from '../../../sessions/routes/order-schema.ts';
import type {
  accountsSchema,
  cancelledSchema,
  evaluatedSchema,
  fillsSchema,
  ordersSchema,
  positionsSchema,
  refusalsSchema,
  sessionSchema,
  signalsSchema,
  thresholdsSchema,
} from '../../../sessions/routes/schemas.ts';

// What the service answers, as its routes have it.

export type Session = z.infer<typeof sessionSchema>;
export type Accounts = z.infer<typeof accountsSchema>;
export type Account = Accounts['accounts'][number];
export type Positions = z.infer<typeof positionsSchema>;
export type Position = Positions['positions'][number];
export type OrdersPage = z.infer<typeof ordersSchema>;
export type Order = OrdersPage['orders'][number];
export type FillsPage = z.infer<typeof fillsSchema>;
export type Fill = FillsPage['fills'][number];
export type SignalsPage = z.infer<typeof signalsSchema>;
export type Signal = SignalsPage['signals'][number];
export type RefusalsPage = z.infer<typeof refusalsSchema>;
export type Refusal = RefusalsPage['refused'][number];
export type Anomalies = z.infer<typeof anomaliesSchema>;
export type Anomaly = Anomalies['anomalies'][number];
export type NewOrder = z.input<typeof orderSchema>;
export type Evaluated = z.infer<typeof evaluatedSchema>;
export type Cancelled = z.infer<typeof cancelledSchema>;
export type Thresholds = z.infer<typeof thresholdsSchema>;

/** What a user likes, as the console keeps it. */
interface Preferences {
  readonly timeZone?: string;
  readonly locale?: string;
  readonly theme?: 'light' | 'dark' | 'auto';
}

export type Me = Omit<z.infer<typeof meSchema>, 'preferences' | 'csrf'> & { readonly preferences: Preferences };
export type User = z.infer<typeof listedUserSchema>;
export type ApiToken = z.infer<typeof tokenSchema>;
export type SecondStep = z.infer<typeof ticketSchema>;
export type Ways = z.infer<typeof waysSchema>;
export type SecondFactor = z.infer<typeof factorSchema>;
export type BegunFactor = z.infer<typeof begunFactorSchema>;
export type SignIn = z.infer<typeof signInSchema>;
export type RiskProfile = z.infer<typeof riskProfileSchema>;
export type Access = z.infer<typeof accessSchema>;

export interface Alert {
  readonly id: number;
  readonly type: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly session: string | null;
  readonly words: string;
  readonly raisedAt: string;
  readonly lastAt: string;
  readonly times: number;
  readonly resolvedAt: string | null;
  readonly resolution: string | null;
  readonly acknowledgedBy: string | null;
}
export interface AlertsPage {
  readonly alerts: readonly Alert[];
  readonly next: string | null;
}

export interface AuditEntry {
  readonly position: number;
  readonly at: string;
  readonly actorKind: 'operator' | 'strategy' | 'system';
  readonly actor: string;
  readonly action: string;
  readonly sessionId: string | null;
  readonly reason: string;
  readonly details: unknown;
  readonly hash: string;
}
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly next: string | null;
}
