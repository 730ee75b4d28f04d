/** The value below which `share` (0 to 1) of them lie. @param sorted ascending */
export const quantile = (sorted: ArrayLike<number>, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** How far the mean of so many may lie from that of all there could be. */
export const standardError = (values: readonly number[]): number => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)) / (values.length - 1));
};

/** How much y grows with each x, by least squares. */
export const slope = (points: readonly { x: number; y: number }[]): number => {
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  return (
    mean(points.map((point) => (point.x - x) * (point.y - y))) /
    mean(points.map((point) => (point.x - x) ** 2))
  );
};
