/** How the program ends: 0 done, 1 refused or failed, 70 a bug of ours, 130 interrupted twice. */

export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_INTERRUPTED = 130;
