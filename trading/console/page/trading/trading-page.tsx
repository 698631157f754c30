export function TradingPage() {
  return null;
}
