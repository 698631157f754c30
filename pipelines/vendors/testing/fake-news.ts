import type { FakeNews } from './fake-market.ts';
import { fakePage, parsePosition } from './fake-page.ts';
import type { FakeAnswer, FakeRequest } from './fake-request.ts';

/** `/v1beta1/news`: articles by their last update. */
export function fakeAlpacaNews({ url, market, pageBars, fault }: FakeRequest): FakeAnswer {
  const { searchParams } = url;
  const symbol = searchParams.get('symbols') ?? '';
  const [start, end] = ['start', 'end'].map((name) => Date.parse(searchParams.get(name) ?? ''));
  const known = market.news?.(symbol) ?? [];
  const wanted = known.filter(({ timeMs }) => timeMs >= start! && timeMs <= end!);
  const size = Math.min(pageBars, Number(searchParams.get('limit') ?? '10'));
  const page = fakePage<FakeNews>(wanted, parsePosition(searchParams.get('page_token')), size, fault);
  const news = page.bars.map(({ id, timeMs, createdMs, headline }) => ({
    id: fault === 'wrong-shape' ? null : id,
    headline,
    author: 'A',
    created_at: new Date(createdMs).toISOString(),
    updated_at: new Date(timeMs).toISOString(),
    summary: '',
    content: '',
    images: [],
    symbols: [fault === 'other-symbol' ? 'ZZZZ' : symbol],
    source: 'benzinga',
    url: null,
  }));
  return { status: 200, body: { news, next_page_token: page.next ?? null } };
}
