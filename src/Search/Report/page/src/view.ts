// The part of the plane that the chart shows.

export class View {
  private constructor(readonly x0: number, readonly x1: number, readonly y0: number, readonly y1: number, private readonly home: View | null) {}

  /** A view over ranges with some air round them, to which all zooming and panning refers. */
  static over([x0, x1]: [number, number], [y0, y1]: [number, number]): View {
    const [ax, ay] = [air(x0, x1), air(y0, y1)];
    return new View(Math.max(x0 >= 0 ? 0 : -Infinity, x0 - ax), x1 + ax, y0 - ay, y1 + ay, null);
  }

  get all(): View { return this.home ?? this; }

  /** Factor below 1 comes closer; the point at fractions (fx, fy) of the view stays in its place. */
  zoom(factor: number, fx = 0.5, fy = 0.5): View {
    const all = this.all;
    // From twice the whole down to what 32-bit columns still tell apart.
    const width = clamp((this.x1 - this.x0) * factor, (all.x1 - all.x0) * 1e-4, (all.x1 - all.x0) * 2);
    const height = clamp((this.y1 - this.y0) * factor, (all.y1 - all.y0) * 1e-4, (all.y1 - all.y0) * 2);
    const x = this.x0 + fx * (this.x1 - this.x0 - width), y = this.y0 + fy * (this.y1 - this.y0 - height);
    return this.at(x, x + width, y, y + height);
  }

  /** Moves by fractions of the view; some of the whole stays in sight. */
  pan(fx: number, fy: number): View {
    const all = this.all, width = this.x1 - this.x0, height = this.y1 - this.y0;
    const x = clamp(this.x0 + fx * width, all.x0 - 0.9 * width, all.x1 - 0.1 * width);
    const y = clamp(this.y0 + fy * height, all.y0 - 0.9 * height, all.y1 - 0.1 * height);
    return this.at(x, x + width, y, y + height);
  }

  private at(x0: number, x1: number, y0: number, y1: number): View { return new View(x0, x1, y0, y1, this.all); }
}

const air = (low: number, high: number): number => high > low ? 0.05 * (high - low) : Math.max(0.1 * Math.abs(low), 1e-6);

export const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
