import { z } from 'zod';

/**
 * Which features the members learn from: chosen anew on the training rows of every window, and never on others.
 * Without the key all of them.
 */
export const selectionSchema = z.strictObject({
  /** Most features that are kept; those of clusters that were chosen more often come first. Absent: no such limit. */
  maxFeatures: z.int().positive().optional(),
  /** Absolute rank correlation that any two features of a cluster have at least; 1: each feature is its own. */
  correlation: z.number().positive().max(1).default(0.7),
  /** Pairs of halves that the training window is cut into, by blocks of time: twice as many choices are made. */
  pairs: z.int().min(2).max(100).default(10),
  /** Share of these choices in which a cluster must be among the most important to be kept. */
  share: z.number().gt(0.5).max(1).default(0.75),
  /**
   * Clusters without meaning that are expected to be kept, at most (Meinshausen and Buehlmann 2010, theorem 1, where
   * they are interchangeable): how many clusters one choice may take follows from it.
   */
  falseSelections: z.number().positive().max(100).default(1),
});

export type SelectionSettings = z.infer<typeof selectionSchema>;
