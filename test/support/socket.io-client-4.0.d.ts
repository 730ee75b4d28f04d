/** Its types are not where today's TypeScript looks for them. */
declare module "socket.io-client-4.0" {
  export function io(url: string, options: object): unknown;
}
