/** What is said in writing. */
import * as model from "../model.ts";
import * as talk from "../talk.ts";
import { Icon } from "./icons.tsx";
import { Log } from "./log.tsx";

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
