/** Regions: the continents of a request as Cloudflare tells them, and one for where it tells none. */

const REGIONS = ["AF", "AN", "AS", "EU", "NA", "OC", "SA", "world"];
const NOWHERE = "world";
const LOBBY = new RegExp(`^(${REGIONS.join("|")})/([1-9]\\d{0,3})$`);

export const regionAt = (continent: string | undefined): string =>
  continent !== undefined && REGIONS.includes(continent) ? continent : NOWHERE;

export const isRegion = (text: string): boolean => REGIONS.includes(text);

export const lobbyName = (region: string, number: number): string => `${region}/${number}`;

/** What the name of a lobby says, if the text can be one: a stranger's word brings no object into being. */
export function readLobbyName(text: string): { region: string; number: number } | undefined {
  const [, region, number] = LOBBY.exec(text) ?? [];
  return region === undefined ? undefined : { region, number: Number(number) };
}
