/** What is said in writing. */
import { useEffect, useRef } from "preact/hooks";
import * as model from "../model.ts";
import * as talk from "../talk.ts";
import { Icon } from "./icons.tsx";

export function Chat() {
  return (
    <section class="chat" aria-label="Conversation">
      <Log />
      <p class="typing" aria-live="polite">
        {talk.isPartnerTyping.value && "The stranger is typing"}
      </p>
      <Form />
    </section>
  );
}

const NAMES = { you: "You: ", them: "Stranger: ", note: "" };

function Log() {
  const log = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const lines = talk.lines.value;
  useEffect(() => {
    // Who has scrolled up reads there.
    if (log.current && isAtEnd.current) log.current.scrollTop = log.current.scrollHeight;
  }, [lines]);
  return (
    <div
      ref={log}
      class="log"
      role="log"
      aria-label="Chat"
      // What scrolls has to be within reach of the keyboard.
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        isAtEnd.current = scrollTop + clientHeight > scrollHeight - 40;
      }}
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

function Form() {
  const isThere = model.call.value !== undefined;
  return (
    <form
      class="say"
      onSubmit={(event) => {
        event.preventDefault();
        talk.send();
      }}
    >
      <input
        type="text"
        aria-label="Message"
        placeholder={isThere ? "Message" : "Nobody is there yet"}
        autocomplete="off"
        enterkeyhint="send"
        maxLength={2_000}
        // Not disabled: the keyboard of a phone would go, and come again with the next stranger.
        readOnly={!isThere}
        value={talk.draft.value}
        onInput={({ currentTarget }) => talk.write(currentTarget.value)}
      />
      <button type="submit" class="round" aria-label="Send" title="Send" aria-disabled={!isThere}>
        <Icon name="send" />
      </button>
    </form>
  );
}
