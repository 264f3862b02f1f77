import * as fc from "fast-check";

/** What a wall clock and the calendar beside it show; `weekday` 0 is Sunday. */
export type WallFields = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
};

/** A generated field: how it is written, and which moments it allows, told without any code of the product. */
export type ModelField = {
  readonly text: string;
  readonly star: boolean;
  readonly allows: (wall: WallFields) => boolean;
};

type Unit = keyof WallFields;
type Values = { readonly text: string; readonly star: boolean; readonly values: readonly number[] };

export const range = (first: number, last: number, step = 1): number[] =>
  Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);

type Bounds = { readonly min: number; readonly max: number; readonly starMin?: number; readonly starMax?: number };

const spell = (number: number, zero: boolean): string => (zero && number < 10 ? `0${number}` : String(number));

/** One item of a list over min … max. */
export function item({ min, max, starMin = min, starMax = max }: Bounds): fc.Arbitrary<Values> {
  const value = fc.integer({ min, max });
  const step = fc.integer({ min: 1, max: Math.min(59, starMax) });
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(value, fc.boolean())
        .map(([one, zero]) => ({ text: spell(one, zero), star: false, values: [one] })),
    },
    { weight: 1, arbitrary: step.map((n) => ({ text: `*/${n}`, star: false, values: range(starMin, starMax, n) })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(value, step)
        .map(([from, n]) => ({ text: `${from}/${n}`, star: false, values: range(from, max, n) })),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(value, value, fc.option(step, { nil: undefined })).map(([a, b, n]) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        return { text: `${from}-${to}${n ? `/${n}` : ""}`, star: false, values: range(from, to, n) };
      }),
    },
  );
}

/** A field without special characters. */
function plainField(unit: Unit, bounds: Bounds, stars = 2): fc.Arbitrary<ModelField> {
  const list = fc.array(item(bounds), { minLength: 1, maxLength: 3 }).map((items) => {
    const values = new Set(items.flatMap((one) => one.values));
    return {
      text: items.map((one) => one.text).join(","),
      star: false,
      allows: (wall: WallFields) => values.has(wall[unit]),
    };
  });
  return fc.oneof({ weight: stars, arbitrary: star }, { weight: 3, arbitrary: list });
}

export const star: fc.Arbitrary<ModelField> = fc
  .constantFrom("*", "?")
  .map((text) => ({ text, star: true, allows: () => true }));

const utcDay = (year: number, month: number, day: number): Date => new Date(Date.UTC(year, month - 1, day));
export const lastDayOf = ({ year, month }: WallFields): number => utcDay(year, month + 1, 0).getUTCDate();
const isWorkday = (wall: WallFields, day: number): boolean =>
  ![0, 6].includes(utcDay(wall.year, wall.month, day).getUTCDay());
/** The workday of the month that is nearest to a day; of two equally near ones there is none, as weekends have two days. */
const nearestWorkday = (wall: WallFields, day: number): number | undefined =>
  range(1, lastDayOf(wall))
    .filter((each) => isWorkday(wall, each))
    .toSorted((a, b) => Math.abs(a - day) - Math.abs(b - day))[0];

export type Special = { readonly text: string; readonly allows: (wall: WallFields) => boolean };
export const dayItem: fc.Arbitrary<Special> = fc.oneof(
  {
    weight: 5,
    arbitrary: item({ min: 1, max: 31 }).map(({ text, values }) => ({
      text,
      allows: ({ day }: WallFields) => values.includes(day),
    })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("L", "l")
      .map((text) => ({ text, allows: (wall: WallFields) => wall.day === lastDayOf(wall) })),
  },
  {
    weight: 1,
    arbitrary: fc.constant({
      text: "LW",
      allows: (wall: WallFields) => wall.day === nearestWorkday(wall, lastDayOf(wall)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 31 }).map((day) => ({
      text: `${day}W`,
      allows: (wall: WallFields) => day <= lastDayOf(wall) && wall.day === nearestWorkday(wall, day),
    })),
  },
);
const NAMES = ["SUN", "Monday", "tue", "WED", "thu", "Friday", "SAT"];
export const weekdayItem: fc.Arbitrary<Special> = fc.oneof(
  {
    weight: 4,
    arbitrary: item({ min: 0, max: 7, starMax: 6 }).map(({ text, values }) => ({
      text,
      allows: ({ weekday }: WallFields) => values.some((value) => value % 7 === weekday),
    })),
  },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 0, max: 6 })
      .map((index) => ({ text: NAMES[index] ?? "", allows: ({ weekday }: WallFields) => weekday === index })),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 7 }).map((of) => ({
      text: `${of}L`,
      allows: (wall: WallFields) => wall.weekday === of % 7 && wall.day + 7 > lastDayOf(wall),
    })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 1, max: 5 })).map(([of, nth]) => ({
      text: `${of}#${nth}`,
      allows: ({ weekday, day }: WallFields) => weekday === of % 7 && Math.ceil(day / 7) === nth,
    })),
  },
);
export const listOf = (items: fc.Arbitrary<Special>): fc.Arbitrary<ModelField> =>
  fc.oneof(
    { weight: 3, arbitrary: star },
    {
      weight: 2,
      arbitrary: fc.array(items, { minLength: 1, maxLength: 3 }).map((all) => ({
        text: all.map(({ text }) => text).join(","),
        star: false,
        allows: (wall: WallFields) => all.some(({ allows }) => allows(wall)),
      })),
    },
  );

export const secondField = plainField("second", { min: 0, max: 59 });
export const minuteField = plainField("minute", { min: 0, max: 59 });
export const hourField = fc.oneof(
  { weight: 3, arbitrary: plainField("hour", { min: 0, max: 23 }) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 1, max: 23 })
      .map((n) => ({ text: `*/${n}`, star: false, allows: ({ hour }: WallFields) => hour % n === 0 })),
  },
);
export const zeroField: fc.Arbitrary<ModelField> = fc.constant({
  text: "0",
  star: false,
  allows: ({ second }) => second === 0,
});
export const monthField = plainField("month", { min: 1, max: 12 }, 4);
export const yearField = fc.option(plainField("year", { min: 2020, max: 2099, starMin: 1970 }), { nil: undefined });
