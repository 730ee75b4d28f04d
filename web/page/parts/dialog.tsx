/** A question in front of everything else; Esc, the browser's own, closes it. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { focusTop } from "./focus.ts";

/** For buttons inside: as Esc does, so that the focus goes back to where it was. */
export const closeDialog = ({ currentTarget }: { currentTarget: Element }) =>
  currentTarget.closest("dialog")?.close();

export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => dialog.current?.showModal(), []);
  const close = () => {
    // Where it was before may be gone: with a stranger go their buttons.
    if (document.activeElement === document.body) focusTop();
    props.onClose();
  };
  return (
    <dialog ref={dialog} aria-labelledby={title} onClose={close}>
      <h2 id={title}>{props.title}</h2>
      {props.children}
    </dialog>
  );
}
