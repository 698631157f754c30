import type { Board } from './board.ts';
import { modelsBoard } from './models-board.ts';
import { portfolioBoard } from './portfolio-board.ts';
import { researchBoard } from './research-board.ts';
import { systemBoard } from './system-board.ts';
import { tradingBoard } from './trading-board.ts';

/** Every board, in the order in which they are offered. */
export const BOARDS: readonly Board[] = [tradingBoard, portfolioBoard, systemBoard, modelsBoard, researchBoard];
