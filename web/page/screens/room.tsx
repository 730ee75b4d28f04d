/** Where strangers are searched for and met. Nothing in it moves when one goes and the next comes. */
import { useEffect, useRef } from "preact/hooks";
import * as devices from "../devices.ts";
import { listenToKeys } from "../keyboard.ts";
import * as model from "../model.ts";
import { Chat } from "../parts/chat.tsx";
import { Controls } from "../parts/controls.tsx";
import { ProblemCard } from "../parts/problem-card.tsx";
import { SelfView } from "../parts/self-view.tsx";
import { Stranger } from "../parts/stranger.tsx";
import { Top } from "../parts/top.tsx";
import { SignInTrouble } from "../sign-in/sign-in.tsx";

export function Room() {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
    return listenToKeys();
  }, []);
  const mode = model.mode.value;
  const problem = model.problem.value;
  return (
    <div class={`room is-${mode}`}>
      <h1 ref={heading} class="unseen" tabIndex={-1}>
        Satoshigle
      </h1>
      <div class="stage">
        {mode === "video" && <Stranger />}
        <Top />
        {mode === "video" && <SelfView />}
        <div class="problems">
          {problem && <ProblemCard problem={problem} />}
          <SignInTrouble />
          {mode === "video" &&
            devices.problems.value.map((one) => <ProblemCard key={one.is} problem={one} />)}
        </div>
      </div>
      <Chat />
      <Controls />
    </div>
  );
}
