/** What is in the way, and the ways out. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { clockTime, now } from "../clock.ts";
import * as devices from "../devices.ts";
import * as model from "../model.ts";
import { useTextOnly } from "../starting.ts";
import { type Problem, type Way, wordsFor } from "../words.ts";
import { useFocusGoesOn } from "./focus.ts";

const WAYS: Record<Way, () => void> = {
  "try-again": model.search,
  "try-device": devices.retry,
  "without-device": devices.goOnWithout,
  "text-only": useTextOnly,
  understood: devices.forgetReplaced,
  reload: () => location.reload(),
  "restart-call": () => model.call.value?.restart(),
  next: model.next,
  leave: model.stop,
};

export function ProblemCard({ problem }: { problem: Problem }) {
  const card = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // On a low screen the press that led to it may have been further down.
    card.current?.scrollIntoView({ block: "nearest" });
  }, []);
  useFocusGoesOn(card);
  const { title, text, ways } = wordsFor(problem);
  const retryAt = "retryAt" in problem ? problem.retryAt : undefined;
  return (
    <div ref={card} class="problem" role="alert">
      <h2>{title}</h2>
      <p>
        {text}
        {retryAt !== undefined && <Countdown until={retryAt} />}
      </p>
      <div class="ways">
        {ways.map(({ label, way }, index) => (
          <button
            key={way}
            type="button"
            class={index === 0 ? "primary" : "plain"}
            onClick={() => WAYS[way]()}
          >
            {label}
          </button>
        ))}
      </div>
    </div>
  );
}

function Countdown({ until }: { until: number }) {
  return <span aria-hidden="true"> In {clockTime(Math.ceil((until - now.value) / 1_000))}.</span>;
}
