/** What a browser loads by itself; bytes, compressed. */
export type BuiltFile = { name: string; gzip: number; brotli: number };

export type BuiltPage = {
  files: BuiltFile[];
  /** The names of the JavaScript that app.js loads without being asked for more, its own first. */
  start: string[];
  /** The sources that went into the start, as paths from the folder. */
  modules: string[];
};

/**
 * Nobody who reads `outdir` meanwhile finds half a file, or one that names another which is not there yet.
 *
 * @param outdir is made where there is none; what does not belong there (any more) goes
 * @param web the folder with page/ and client/, if it is not that of the project
 * @throws when it does not build, or the start is too large; nothing has been written then
 */
export function buildPage(outdir: string, web?: string): Promise<BuiltPage>;
