/** A door in front of a relay that passes on everything, and tells when who came through it is subscribed. */
import { startFrameProxy } from "./frame-proxy.ts";

export interface Overheard {
  url: string;
  /** Once the relay has sent all that it had stored for a subscription: from now on nothing is missed. */
  subscribed: Promise<void>;
  close(): Promise<void>;
}

export const overhear = async (relay: string): Promise<Overheard> => {
  const { protocol, pathname } = new URL(relay);
  const proxy = await startFrameProxy(new URL(relay));
  const subscribed = new Promise<void>((resolve) => {
    proxy.passToClient = (frame) => {
      if (frame.startsWith('["EOSE"')) resolve();
      return true;
    };
  });
  return {
    url: new URL(pathname, proxy.url.href.replace("http:", protocol)).href,
    subscribed,
    close: proxy.close,
  };
};
