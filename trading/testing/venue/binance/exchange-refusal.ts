/** A request that the venue refuses, as its API says it. */
export class ExchangeRefusal extends Error {
  readonly status: number;
  readonly code: number;

  constructor(code: number, message: string, status = 400) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
