/** Numbers of weeks in a year by MySQL's eight modes, of days since 1970. */
import { daysOf, partsOfDays } from '../../base/date-text.ts';

export interface WeekOfYear {
  /** The year that the week belongs to. */
  readonly year: number;
  readonly week: number;
}

const MONDAY_FIRST = 1;
const COUNTS_FROM_ONE = 2;
const FIRST_FULL_WEEK = 4;

/** 0 is Monday. */
export function weekdayOf(days: number): number {
  return (((days + 3) % 7) + 7) % 7;
}

export function dayOfYear(days: number): number {
  const { year } = partsOfDays(days);
  return days - daysOf({ year, month: 1, day: 1 }) + 1;
}

const firstDay = (year: number): number => daysOf({ year, month: 1, day: 1 });

/** What the modes 0 to 7 mean, as three yes-or-no facts; Sunday turns the third round. */
function factsOf(mode: number): { monday: boolean; fromOne: boolean; fullWeek: boolean } {
  const monday = (mode & MONDAY_FIRST) !== 0;
  return {
    monday,
    fromOne: (mode & COUNTS_FROM_ONE) !== 0,
    fullWeek: ((mode & FIRST_FULL_WEEK) !== 0) === monday,
  };
}

/** The day on which week 1 of a year begins. */
function weekOne(year: number, monday: boolean, fullWeek: boolean): number {
  const first = firstDay(year);
  const weekday = monday ? weekdayOf(first) : (weekdayOf(first) + 1) % 7;
  const isPartOfLast = fullWeek ? weekday !== 0 : weekday >= 4;
  return isPartOfLast ? first + 7 - weekday : first - weekday;
}

/** The week that a day is in, with the year that counts it. */
export function weekOfYear(days: number, mode: number): WeekOfYear {
  const { monday, fromOne, fullWeek } = factsOf(mode & 7);
  const { year } = partsOfDays(days);
  const begin = weekOne(year, monday, fullWeek);
  if (days < begin) {
    if (!fromOne) return { year, week: 0 };
    const last = weekOne(year - 1, monday, fullWeek);
    return { year: year - 1, week: Math.floor((days - last) / 7) + 1 };
  }
  const isOfNext = fromOne && days >= weekOne(year + 1, monday, fullWeek);
  if (isOfNext) return { year: year + 1, week: 1 };
  return { year, week: Math.floor((days - begin) / 7) + 1 };
}

/** Like `weekOfYear`, in the mode that counts weeks from one: what YEARWEEK says. */
export function yearAndWeek(days: number, mode: number): WeekOfYear {
  return weekOfYear(days, mode | COUNTS_FROM_ONE);
}
