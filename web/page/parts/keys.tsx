/** What the keyboard does in a call. */
const KEYS = [
  ["Esc", "Next stranger"],
  ["M", "Mute or unmute"],
  ["V", "Camera off or on"],
  ["Enter", "Send the message"],
  ["Arrows", "Move your picture, when it has the focus"],
] as const;

export function Keys() {
  return (
    <details class="keys">
      <summary>Keys</summary>
      <dl>
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
