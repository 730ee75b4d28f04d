/** Where the focus goes when what had it goes: whoever uses the keyboard begins at the top of the screen. */
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

export const focusTop = (): void => document.querySelector("h1")?.focus();

/** For an element that goes by itself, while somebody may be on it or in it. */
export function useFocusGoesOn(element: RefObject<HTMLElement | null>): void {
  useLayoutEffect(
    () => () => {
      if (element.current?.contains(document.activeElement)) focusTop();
    },
    [],
  );
}
