/** Posts a message to the thread that asked. */
export type Post = (message: unknown) => void;
