import type { ContractFault } from '../../brokers/venue/broker-contract.ts';
import type { RequestFault } from './stand-in-faults.ts';

/** A fault of the contract of brokers, as a venue that stands in brings it about. */
export function requestFault(fault: ContractFault): RequestFault {
  if (fault.kind === 'silence') return { kind: 'hang', when: fault.arrives ? 'after' : 'before' };
  if (fault.kind === 'cut') return { kind: 'reset', when: fault.arrives ? 'after' : 'before' };
  if (fault.kind === 'garbled') return { kind: 'garbled' };
  if (fault.kind === 'unavailable') return { kind: 'status', status: 503, message: 'unavailable' };
  return { kind: 'status', status: 429, message: 'too many requests', retryAfter: '0' };
}
