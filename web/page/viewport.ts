/** How high the room may be: what a keyboard on the screen leaves of it, also where `dvh` does not know of one (iOS). */
export function followViewport(): void {
  const viewport = window.visualViewport;
  viewport?.addEventListener("resize", () => {
    // Who magnifies the page with two fingers wants it as it is.
    if (viewport.scale !== 1) return;
    document.documentElement.style.setProperty("--height", `${viewport.height}px`);
    // The browser has pushed the field into sight; it is in sight without that now.
    if (document.activeElement?.closest(".room")) scrollTo(0, 0);
  });
}
