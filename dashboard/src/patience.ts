/** How long a test waits for what is to come of itself, on a busy machine too. */
export const PATIENCE = { timeout: 5000 };
