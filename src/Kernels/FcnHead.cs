namespace DataSsl.Kernels;

/// <summary>
/// Scores of the classes at every pixel, from C5 and from finer maps before it (Long et al. 2015, Fully convolutional networks).
/// </summary>
internal sealed unsafe class FcnHead
{
    private readonly int[] channels, sides;
    private readonly Convolution convolution;
    private readonly Linear[] scores;
    private readonly Resize[] up;
    private readonly Floats[] inputs, sums, raised;
    private readonly Floats hidden;

    /// <param name="weights">Of the network.</param>
    /// <param name="channels">Of C5 and the maps before it that have scores, C5 first.</param>
    /// <param name="sides">Of the same.</param>
    /// <param name="side">Of the images.</param>
    public FcnHead(Machine machine, Weights weights, int[] channels, int[] sides, int side, int classes)
    {
        (this.channels, this.sides) = (channels, sides);
        var (count, quarter, classifier) = (channels.Length, channels[0] / 4, weights.Of("classifier"));
        convolution = new(
            machine, classifier.Folded("0", "1", quarter, channels[0], 3).ChannelsLast(channels[0]), channels[0], sides[0], 3, 1,
            Activation.Relu);
        hidden = new(sides[0] * sides[0] * Lanes.Padded(quarter));
        (scores, up) = (new Linear[count], new Resize[count]);
        (inputs, sums, raised) = (new Floats[count], new Floats[count], new Floats[count]);
        for (var i = 0; i < count; i++)
        {
            int positions = sides[i] * sides[i], to = i == count - 1 ? side : sides[i + 1];
            scores[i] = new(
                machine, positions,
                i == 0 ? classifier.Convolution("4", classes, quarter, 1) : weights.Convolution($"skips.{i - 1}", classes, channels[i], 1));
            up[i] = new(machine, classes, sides[i], to, bilinear: true);
            inputs[i] = new(positions * Lanes.Padded(channels[i]));
            (sums[i], raised[i]) = (new(positions * Lanes.Padded(classes)), new(to * to * Lanes.Padded(classes)));
        }
    }

    /// <summary>[pixels, padded classes].</summary>
    public Floats Logits => raised[raised.Length - 1];

    /// <summary>A map as it comes, [C, H, W]; the first is C5.</summary>
    public void Take(int map, float* planes) => Copy.FromPlanes(planes, sides[map] * sides[map], channels[map], inputs[map].Pointer);

    /// <summary>Makes <see cref="Logits"/> of the maps that were taken.</summary>
    public void Run()
    {
        convolution.Run(inputs[0].Pointer, hidden.Pointer);
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i].Run(i == 0 ? hidden.Pointer : inputs[i].Pointer, sums[i].Pointer, i == 0 ? null : raised[i - 1].Pointer);
            up[i].Run(sums[i].Pointer, raised[i].Pointer);
        }
    }
}
