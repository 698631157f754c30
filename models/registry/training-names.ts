// By which names the registry and the tracking server know a training and what came of it.

/** The fold that stands for "every row": the model that paper and live sessions load. */
export const FINAL_FOLD = -1;

/** Entries of one training are delivered in order. */
export const streamOf = (trainingHash: string): string => `training/${trainingHash}`;

/** The run of a whole training. */
export const parentKey = (trainingHash: string): string => `training/${trainingHash}`;
/** The logged model of its final ensemble. */
export const modelKey = (trainingHash: string): string => `${parentKey(trainingHash)}/logged-model`;
/** The registered version that came of it. */
export const versionKey = (trainingHash: string): string => `${parentKey(trainingHash)}/version`;

/** Folder of the run's artifacts that holds the model. */
export const MODEL_FOLDER = 'model';
