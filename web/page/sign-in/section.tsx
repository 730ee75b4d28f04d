/** One way to sign in, and how far it is. */
import type { ComponentChildren } from "preact";
import { Late } from "./late.tsx";
import { progress } from "./state.ts";
import { type Way, wordsFor } from "./words.ts";

export function Section({ way, title, children }: { way: Way; title: string; children: ComponentChildren }) {
  const now = progress[way].value;
  const words = now.is === "failed" ? wordsFor(now.trouble) : undefined;
  return (
    <section class="sign-in-way">
      <h3>{title}</h3>
      {children}
      <Late progress={now} />
      {words && (
        <p class="sign-in-failed" role="alert">
          <strong>{words.title}.</strong> {words.text}
        </p>
      )}
    </section>
  );
}
