/** Pictures on buttons: strokes of a 24 by 24 grid, in the colour of the text. The button says what it does. */

const PATHS = {
  microphone: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3ZM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21",
  "microphone-off":
    "M15 11V6a3 3 0 0 0-5.8-1M9 9v2a3 3 0 0 0 4.6 2.5M5.5 11a6.5 6.5 0 0 0 10.4 5.2M18.5 11a6.5 6.5 0 0 1-.6 2.7M12 17.5V21M4 4l16 16",
  camera: "M4 7.5h9a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2H4a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1ZM15 11l6-3.5v9L15 13",
  "camera-off":
    "M9 7.5h4a2 2 0 0 1 2 2v2l6-4v9l-2-1.2M15 14.5a2 2 0 0 1-2 2H4a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1h1M4 4l16 16",
  next: "M5 5.5v13l9-6.5-9-6.5ZM18.5 5.5v13",
  stop: "M6 6l12 12M18 6L6 18",
  devices: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8v4.4M9 14.8v4.4",
  "full-screen": "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  "picture-in-picture": "M4 5h16v14H4ZM12.5 12H20v7h-7.5Z",
  report: "M6 21V4M6 5h11l-2 4 2 4H6",
  send: "M4 12l16-7-5 15-4-6-7-2Z",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5a7.5 7.5 0 0 1 15 0",
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
