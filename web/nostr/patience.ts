/** Waiting for somebody who may never answer. */
import type { Watch } from "./identity.ts";
import { SignInError } from "./problem.ts";

/** Seconds after which the person is told that nothing has come, and after which it is given up. */
const STILL_WAITING = 8;
export const SIGNER_SECONDS = 30;
/** Where a person is known to be asked: they have to find the window, read, and decide. */
export const PERSON_SECONDS = 300;

/**
 * What `answer` gives, if it comes in time. The seconds are counted one by one, while the person is here: a page that was
 * frozen behind the signer's app must not give up on its return.
 *
 * @throws {SignInError} `no-answer`
 */
export const patiently = async <T>(
  answer: Promise<T>,
  watch: Watch,
  most: () => number = () => SIGNER_SECONDS,
): Promise<T> => {
  let timer: ReturnType<typeof setInterval> | undefined;
  const outOfTime = new Promise<never>((_, reject) => {
    let seconds = 0;
    timer = setInterval(() => {
      if (watch.isAway()) return;
      seconds += 1;
      if (seconds === STILL_WAITING) watch.stillWaiting();
      if (seconds >= most()) reject(new SignInError({ is: "no-answer" }));
    }, 1_000);
  });
  try {
    return await Promise.race([answer, outOfTime]);
  } finally {
    clearInterval(timer);
  }
};
