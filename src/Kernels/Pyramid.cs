namespace DataSsl.Kernels;

/// <summary>
/// A feature pyramid on the maps C3 to C5: P3 to P7, of one width, one after the other in one piece of memory (Lin et al. 2017; Tian et al.
/// 2019).
/// </summary>
internal sealed unsafe class Pyramid
{
    /// <summary>Levels above P5, by strided convolutions.</summary>
    private const int Top = 2;

    private readonly int[] channels, sides;
    private readonly int padded;
    private readonly Linear[] inner;
    private readonly Resize[] up;
    private readonly Step[] outer;
    private readonly Floats[] inputs, sums, raised;
    private readonly Floats p6;

    /// <param name="weights">Of <c>fpn</c>.</param>
    /// <param name="channels">Of C3 to C5.</param>
    /// <param name="sides">Of C3 to C5.</param>
    public Pyramid(Machine machine, Weights weights, int[] channels, int[] sides, int width)
    {
        (this.channels, padded) = (channels, Lanes.Padded(width));
        var count = channels.Length;
        this.sides = new int[count + Top];
        sides.CopyTo(this.sides, 0);
        for (var i = count; i < count + Top; i++) this.sides[i] = (this.sides[i - 1] - 1) / 2 + 1;
        (inner, up, outer) = (new Linear[count], new Resize[count - 1], new Step[count + Top]);
        (inputs, sums, raised) = (new Floats[count], new Floats[count], new Floats[count - 1]);
        for (var i = 0; i < count; i++)
        {
            var positions = sides[i] * sides[i];
            inner[i] = new(machine, positions, weights.Convolution($"inner_blocks.{i}.0", width, channels[i], 1));
            outer[i] = new Convolution(machine, Three($"layer_blocks.{i}.0"), width, sides[i], 3, 1, Activation.None);
            (inputs[i], sums[i]) = (new(positions * Lanes.Padded(channels[i])), new(positions * padded));
            if (i == count - 1) continue;
            (up[i], raised[i]) = (new(machine, width, sides[i + 1], sides[i], bilinear: false), new(positions * padded));
        }
        for (var i = count; i < count + Top; i++)
            outer[i] = new Convolution(
                machine, Three($"extra_blocks.p{i + 3}"), width, this.sides[i - 1], 3, 2, Activation.None);
        p6 = new(this.sides[count] * this.sides[count] * padded);
        Maps = new(LevelsConvolution.Positions(this.sides) * padded);

        Weights.Matrix Three(string key) => weights.Convolution(key, width, width, 3).ChannelsLast(width);
    }

    /// <summary>Of P3 to P7.</summary>
    public int[] Sides => sides;

    /// <summary>P3 to P7, [positions, padded width].</summary>
    public Floats Maps { get; }

    /// <summary>C3, C4 or C5 as it comes, [C, H, W].</summary>
    public void Take(int level, float* planes) =>
        Copy.FromPlanes(planes, sides[level] * sides[level], channels[level], inputs[level].Pointer);

    /// <summary>Makes <see cref="Maps"/> of the maps that were taken.</summary>
    public void Run()
    {
        var last = channels.Length - 1;
        for (var i = last; i >= 0; i--)
        {
            if (i < last) up[i].Run(sums[i + 1].Pointer, raised[i].Pointer);
            inner[i].Run(inputs[i].Pointer, sums[i].Pointer, i < last ? raised[i].Pointer : null);
        }
        var target = Maps.Pointer;
        for (var i = 0; i < outer.Length; i++)
        {
            var length = sides[i] * sides[i] * padded;
            outer[i].Run(Input(i, target), target);
            target += length;
        }
    }

    /// <summary>P6 is of P5, which lies before it, and P7 of what is positive of P6.</summary>
    private float* Input(int level, float* target)
    {
        if (level < channels.Length) return sums[level].Pointer;
        var length = sides[level - 1] * sides[level - 1] * padded;
        if (level == channels.Length) return target - length;
        for (var i = 0; i < length; i++) p6.Pointer[i] = MathF.Max(0, (target - length)[i]);
        return p6.Pointer;
    }
}
