/** Closed bars as a user's file reads them: 0 is the bar that has just closed, 1 the one before. */
export interface ClosedBars {
  openTimeMs(barsAgo?: number): number;
  closeTimeMs(barsAgo?: number): number;
  open(barsAgo?: number): number;
  high(barsAgo?: number): number;
  low(barsAgo?: number): number;
  close(barsAgo?: number): number;
  volume(barsAgo?: number): number;
}
