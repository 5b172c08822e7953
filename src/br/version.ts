/** The version that `--version` shows and that stands beside every backup. */

export const TOOL_VERSION = '0.1.0';
