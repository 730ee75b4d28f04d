/** What axe finds against a screen as it is shown now. */
import axe from "axe-core";
import type { Page } from "playwright-core";

/** One line for each rule that is violated: which, why, and where. */
export async function audit(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<import("axe-core").AxeResults> } };
    return axe.run();
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}
