using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;

namespace DataSsl.Dense.Data;

/// <summary>How an image and what is marked on it come to a network: one draw moves both.</summary>
public sealed record JointAugmentation
{
    /// <summary>Pixels of the short side, unless the long one would be longer than <see cref="MaxSize"/>.</summary>
    public int MinSize { get; init; } = 800;

    /// <summary>Pixels of the long side, at most.</summary>
    public int MaxSize { get; init; } = 1333;

    /// <summary>Factors of that size, uniform between; 0.1 to 2 is the scale jitter of Ghiasi et al. 2021.</summary>
    public Interval Scale { get; init; } = new(1, 1);

    /// <summary>Probability that left and right are changed.</summary>
    public double FlipChance { get; init; } = 0.5;

    /// <summary>
    /// Height and width of a part that is cut out anywhere of what is larger; what is smaller is padded on the right and below. Null for
    /// all of the image.
    /// </summary>
    public (int Height, int Width)? Crop { get; init; }

    /// <summary>Per channel, subtracted from values in [0, 1]: as for every other network.</summary>
    public Channels Mean { get; init; } = ViewRecipe.CenterCrop(1).Mean;

    /// <summary>Per channel, divides after <see cref="Mean"/> is subtracted.</summary>
    public Channels Std { get; init; } = ViewRecipe.CenterCrop(1).Std;

    /// <summary>The same without chance, to evaluate.</summary>
    public JointAugmentation Still() => this with { Scale = new(1, 1), FlipChance = 0, Crop = null };

    /// <summary>Where an image comes to lie.</summary>
    /// <param name="width">Of the image, in pixels.</param>
    /// <param name="height">Of the image, in pixels.</param>
    /// <param name="seed">The run's.</param>
    /// <param name="step">The run's step or epoch.</param>
    /// <param name="image">Which of the images: the same draw whoever else is in the batch.</param>
    public JointPlacement Place(int width, int height, ulong seed, long step, long image)
    {
        var random = CounterRandom.For(seed, "joint", step, image);
        var jitter = random.Between(Scale.Low, Scale.High);
        var isFlipped = random.Chance(FlipChance);
        var (x, y) = (random.NextDouble(), random.NextDouble());
        // In 32 bits and by the reciprocal, as torchvision reckons it: at some sizes a pixel hangs on that.
        var scale = jitter * MathF.Min(MinSize * (1f / Math.Min(width, height)), MaxSize * (1f / Math.Max(width, height)));
        var (scaledWidth, scaledHeight) = (Math.Max(1, (int)(width * scale)), Math.Max(1, (int)(height * scale)));
        if (Crop is not var (cropHeight, cropWidth))
            return new(width, height, scaledWidth, scaledHeight, 0, 0, scaledWidth, scaledHeight, isFlipped);
        var (left, top) = ((int)(x * (Math.Max(0, scaledWidth - cropWidth) + 1)), (int)(y * (Math.Max(0, scaledHeight - cropHeight) + 1)));
        return new(width, height, scaledWidth, scaledHeight, left, top, cropWidth, cropHeight, isFlipped);
    }
}
