import type { Bar } from '../../../features/bar.ts';
import type { Quote } from '../../vendors/vendor.ts';

/** What a stand-in for a vendor's stream answers to a client's message. */
interface ProtocolAnswer {
  readonly frames: readonly Buffer[];
  /** The client has asked for these channels, and they were granted. */
  readonly subscribed?: boolean;
}

/** How the stand-in treats clients. */
export interface ProtocolMood {
  readonly credentials: 'accepted' | 'refused';
  readonly subscriptions: 'accepted' | 'refused' | 'unanswered';
}

/** A vendor's words on the wire, for a server that stands in for it. */
export interface StreamProtocol {
  readonly vendor: 'alpaca' | 'polygon' | 'binance';
  readonly binary: boolean;
  /** Sent as soon as a client connects. */
  readonly greeting: readonly Buffer[];
  answer(message: Buffer, mood: ProtocolMood): ProtocolAnswer;
  bar(symbol: string, bar: Bar): Buffer;
  /** The vendor takes back a bar, where its protocol knows of that. */
  revision(symbol: string, bar: Bar): Buffer | null;
  /** The minute under way, where the vendor streams it. */
  unclosed(symbol: string, bar: Bar): Buffer | null;
  quote(quote: Quote): Buffer;
  /** Frames that break the protocol. */
  readonly garbage: readonly Buffer[];
}
