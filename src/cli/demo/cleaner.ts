/** What has to be undone when a command ends, however it ends. */

export interface Cleaner {
  /** Notes what to do at the end; the last noted is done first. */
  add(step: () => Promise<void>): void;
  /**
   * Runs `body`, then every step, also after a failure. Throws what failed first; what fails after
   * that is handed to `onFurtherFailure`.
   */
  after<T>(body: () => Promise<T>): Promise<T>;
}

export function createCleaner(onFurtherFailure: (error: unknown) => void): Cleaner {
  const steps: (() => Promise<void>)[] = [];

  const cleanUp = async (): Promise<readonly unknown[]> => {
    const failures: unknown[] = [];
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    return failures;
  };

  return Object.freeze({
    add(step: () => Promise<void>): void {
      steps.push(step);
    },
    async after<T>(body: () => Promise<T>): Promise<T> {
      let result: T;
      try {
        result = await body();
      } catch (error) {
        for (const further of await cleanUp()) onFurtherFailure(further);
        throw error;
      }
      const [first, ...further] = await cleanUp();
      for (const error of further) onFurtherFailure(error);
      if (first !== undefined) throw first;
      return result;
    },
  });
}
