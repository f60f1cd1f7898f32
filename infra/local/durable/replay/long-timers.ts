/** Storage providers limit one timer's length; longer ones are laps. Values are those of the Azure Storage provider. */
export const maximumShortTimer = { milliseconds: 6 * 86_400_000, timeSpan: '6.00:00:00' };
export const longTimerInterval = { milliseconds: 3 * 86_400_000, timeSpan: '3.00:00:00' };

/** When the next lap of a timer for `fireAt` ends, seen at `now` (epoch milliseconds). */
export function nextLap(fireAt: number, now: number): number {
  return fireAt - now > maximumShortTimer.milliseconds ? now + longTimerInterval.milliseconds : fireAt;
}
