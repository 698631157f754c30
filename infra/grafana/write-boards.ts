import { join } from 'node:path';
import { writePrivateFile } from '../files/private-file.ts';
import { packageRoot } from '../package-root.ts';
import { boardFiles } from './board-files.ts';

// `npm run boards`: writes what Grafana and the console read from the definition of the boards. A test compares it.
for (const [path, text] of boardFiles()) writePrivateFile(join(packageRoot(), 'infra', 'grafana', path), text);
