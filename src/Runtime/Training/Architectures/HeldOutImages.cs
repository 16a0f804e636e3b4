namespace DataSsl.Runtime.Training.Architectures;

/// <summary>Which images the weights learn from, and which the probabilities: a fixed cut of a seed.</summary>
public sealed class HeldOutImages
{
    private readonly ulong seed;

    /// <summary>Cuts so many images.</summary>
    /// <exception cref="UserException">Too few are held out, or too few left.</exception>
    public HeldOutImages(LearningOptions options, int images, int batch, long seed)
    {
        this.seed = (ulong)seed;
        var held = options.HeldOutOf(images);
        if (held < 2 * batch)
            throw new UserException(
                FormattableString.Invariant(
                    $"--held-out {options.HeldOut}: holds {held} of {images} images out, fewer than two batches of {batch}; give a larger share, or a smaller --batch"));
        if (images - held < batch)
            throw new UserException(
                FormattableString.Invariant(
                    $"--held-out {options.HeldOut}: leaves {images - held} of {images} images to the weights, fewer than a batch of {batch}; give a smaller share, or a smaller --batch"));
        var order = CounterRandom.For(this.seed, "held out").Permutation(images);
        (Held, Trained) = ([.. order[..held].Order()], [.. order[held..].Order()]);
    }

    /// <summary>The images that probabilities are judged on, ascending.</summary>
    public int[] Held { get; }

    /// <summary>All others, ascending.</summary>
    public int[] Trained { get; }

    /// <summary>The images of an update of the probabilities: every pass over them has its own order.</summary>
    public int[] Of(long update, int batch)
    {
        var perPass = Held.Length / batch;
        var order = CounterRandom.For(seed, "held-out order", update / perPass).Permutation(Held.Length);
        return [.. order.AsSpan((int)(update % perPass) * batch, batch).ToArray().Select(place => Held[place])];
    }
}
