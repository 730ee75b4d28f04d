/** Reports as Markdown. */
import os from "node:os";

/** With the very command: an npm script, and what it was told. */
export const heading = (title: string, script: string, args: readonly string[]): string =>
  `# ${title}

\`${[`npm run ${script}`, ...(args.length > 0 ? ["--", ...args] : [])].join(" ")}\`, ${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${os.availableParallelism()} cores of ${os.cpus()[0]?.model ?? "an unknown kind"}
`;

/** The first row is the head. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const [head = [], ...body] = rows;
  return `${[head, head.map((_, index) => (index === 0 ? "---" : "---:")), ...body]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n")}\n`;
};

export const number = (value: number): string => Math.round(value).toLocaleString("en");
