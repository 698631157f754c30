import type { ReactNode } from 'react';
import { RowsTable, type RowsTableProps } from './rows-table.tsx';
import { Wrong } from './words.tsx';

/** A list that comes in pages, as it has come so far. */
interface Listed<Page> {
  readonly data: { readonly pages: readonly Page[] } | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
}

interface PagesTableProps<Page, Row> extends Omit<RowsTableProps<Row>, 'rows' | 'more'> {
  readonly list: Listed<Page>;
  readonly rowsOf: (page: Page) => readonly Row[];
}

/** A table of a list in pages: older rows are asked for when its end is to be seen. */
export function PagesTable<Page, Row>({ list, rowsOf, empty, ...table }: PagesTableProps<Page, Row>): ReactNode {
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  return (
    <>
      <Wrong error={error} />
      <RowsTable
        {...table}
        rows={data?.pages.flatMap((page) => rowsOf(page)) ?? []}
        empty={isPending ? 'Loading' : empty}
        more={{ isThere: hasNextPage, isLoading: isFetchingNextPage, load: fetchNextPage }}
      />
    </>
  );
}
