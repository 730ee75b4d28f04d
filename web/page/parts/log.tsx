/** The lines of a call, the newest in sight. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { Pin, type Scroll } from "../pin.ts";
import * as talk from "../talk.ts";

const NAMES = { you: "You: ", them: "Stranger: ", note: "" };

export function Log() {
  const log = useRef<HTMLDivElement>(null);
  const pin = useRef(new Pin()).current;
  const lines = talk.lines.value;
  const last = lines.at(-1);
  const own = last?.from === "you" ? last.id : undefined;
  const follow = () => {
    if (!log.current) return;
    if (pin.isOn) log.current.scrollTop = log.current.scrollHeight;
    pin.scrolled(scrollOf(log.current));
  };
  useLayoutEffect(() => {
    if (own !== undefined) pin.said();
  }, [own]);
  useLayoutEffect(follow, [lines]);
  useLayoutEffect(() => {
    // A keyboard on the screen, or a phone that is turned.
    const observer = new ResizeObserver(follow);
    if (log.current) observer.observe(log.current);
    return () => observer.disconnect();
  }, []);
  return (
    <div
      ref={log}
      class="log"
      role="log"
      aria-label="Chat"
      // What scrolls has to be within reach of the keyboard.
      tabIndex={0}
      onScroll={({ currentTarget }) => pin.scrolled(scrollOf(currentTarget))}
    >
      {lines.map(({ id, from, text }) => (
        <p key={id} class={`line from-${from}`} dir="auto">
          <span class="unseen">{NAMES[from]}</span>
          {text}
        </p>
      ))}
    </div>
  );
}

const scrollOf = ({ scrollTop, scrollHeight, clientHeight }: Element): Scroll => ({
  top: scrollTop,
  height: scrollHeight,
  seen: clientHeight,
});
