// Entry of a pool thread that runs from source: `--import tsx` does nothing inside a thread, so it registers the loader itself.
import { register } from 'tsx/esm/api';

register();
await import('./pool-thread.ts');
