import { serveThread } from '../../../infra/threads/thread-service.ts';
import { readArrowColumns } from '../columns/arrow-columns.ts';
import type { ColumnBatch, ColumnRequest } from '../columns/column-batch.ts';
import { readParquetColumns } from './parquet-columns.ts';

// Entry of a thread that reads Parquet and Arrow files.
serveThread<ColumnRequest, ColumnBatch>((request, send) =>
  request.format === 'arrow' ? readArrowColumns(request, send) : readParquetColumns(request, send),
);
