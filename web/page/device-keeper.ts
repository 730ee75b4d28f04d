/**
 * The one place where cameras and microphones are opened and let go of: it brings what is held to what is wanted, one
 * question at a time. Whatever is not wanted, or not wanted any more, is stopped at once.
 */
import { batch, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import { DEVICES, type Device, type PerDevice, type Why, whyNot } from "./device-problem.ts";

/** Ids; empty: whichever the browser takes; undefined: none. */
export type Wanted = PerDevice<string | undefined>;

export type Track = EventTarget & { readonly label: string; stop(): void };

export type State<T> =
  | { is: "off"; id: undefined }
  /** Wanted, and on its way. `isLost`: it was there until a moment ago. */
  | { is: "missing"; id: string; isLost: boolean }
  /** `instead`: it took the place of one that was lost. */
  | { is: "held"; id: string; track: T; instead: boolean }
  | { is: "failed"; id: string; why: Why };

export type Keeper<T> = {
  readonly states: ReadonlySignal<PerDevice<State<T>>>;
  /** What the browser is being asked for. */
  readonly asking: ReadonlySignal<readonly Device[]>;
  /** Opens it anew, if it is wanted. */
  again(device: Device): void;
  /** Nobody needs to know any more that it took another's place. */
  forget(device: Device): void;
};

const OFF = { is: "off", id: undefined } as const;

/** @param open never rejects. What it leaves out of several is asked for by itself; of one it has to say something */
export function keepDevices<T extends Track>(
  wanted: ReadonlySignal<Wanted>,
  open: (ids: Wanted) => Promise<Partial<PerDevice<T | Error>>>,
): Keeper<T> {
  const states = signal<PerDevice<State<T>>>({ camera: OFF, microphone: OFF });
  const asking = signal<readonly Device[]>([]);
  let isBusy = false;

  const change = (device: Device, state: State<T>) => {
    const before = states.peek()[device];
    if (before.is === "held" && !(state.is === "held" && state.track === before.track)) before.track.stop();
    states.value = { ...states.peek(), [device]: state };
  };
  const missing = () => DEVICES.filter((device) => states.peek()[device].is === "missing");

  async function bring(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    let isApart = false;
    for (let next = missing(); next.length > 0; next = missing()) {
      const together: Device[] = isApart ? next.slice(0, 1) : next;
      const found = await ask(together);
      isApart ||= together.some((device) => found[device] === undefined);
    }
    isBusy = false;
  }

  async function ask(devices: Device[]): Promise<Partial<PerDevice<T | Error>>> {
    const idOf = (device: Device) => (devices.includes(device) ? states.peek()[device].id : undefined);
    const ids = { camera: idOf("camera"), microphone: idOf("microphone") };
    asking.value = devices;
    const found = await open(ids);
    batch(() => {
      for (const device of devices) settle(device, ids[device], found[device]);
      asking.value = [];
    });
    return found;
  }

  function settle(device: Device, id: string | undefined, found: T | Error | undefined): void {
    const state = states.peek()[device];
    // Meanwhile the person has thought better of it, or chosen another.
    if (state.is !== "missing" || state.id !== id) {
      if (!(found instanceof Error)) found?.stop();
    } else if (found instanceof Error) {
      change(device, { is: "failed", id, why: whyNot(found, state.isLost) });
    } else if (found) {
      found.addEventListener("ended", () => lose(device, found));
      change(device, { is: "held", id, track: found, instead: state.isLost });
    }
  }

  /** It was unplugged, or its permission taken back: another one may do. */
  function lose(device: Device, track: T): void {
    const state = states.peek()[device];
    if (state.is !== "held" || state.track !== track) return;
    change(device, { is: "missing", id: state.id, isLost: true });
  }

  function follow(now: Wanted): void {
    batch(() => {
      for (const device of DEVICES) {
        const id = now[device];
        if (id === states.peek()[device].id) continue;
        // Some systems open a device only once: the one before is let go of first.
        change(device, id === undefined ? OFF : { is: "missing", id, isLost: false });
      }
    });
  }

  effect(() => {
    const now = wanted.value;
    untracked(() => follow(now));
  });
  // After all that one press has changed: what is missing of it is asked for together.
  effect(() => {
    if (DEVICES.some((device) => states.value[device].is === "missing")) untracked(bring);
  });

  return {
    states,
    asking,
    again(device) {
      const { is, id } = states.peek()[device];
      if (is === "missing" || id === undefined) return;
      change(device, { is: "missing", id, isLost: false });
    },
    forget(device) {
      const state = states.peek()[device];
      if (state.is === "held") change(device, { ...state, instead: false });
    },
  };
}
