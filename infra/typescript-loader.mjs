// Lets a worker thread import TypeScript: tsx's own `--import` entry registers in the main thread only.
import { register } from 'tsx/esm/api';

register();
