import { serveThread } from '../../../infra/threads/thread-service.ts';
import { readParquetColumns, type ParquetBatch } from './parquet-columns.ts';

// Entry of a thread that reads Parquet files.
serveThread<string, ParquetBatch>(readParquetColumns);
