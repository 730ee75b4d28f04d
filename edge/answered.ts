/** What was answered; whoever did not answer is asked another time. */
export async function answered<T>(questions: Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(questions);
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}
