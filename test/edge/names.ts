/** Where everybody is in a test: Miniflare says of every request that it comes from North America. */
export const DIRECTORY = "NA";
export const LOBBY = "NA/1";
