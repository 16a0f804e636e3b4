using DataSsl.Dense.Data;
using DataSsl.Dense.Heads;
using DataSsl.Runtime;
using static TorchSharp.torch;

namespace DataSsl.Dense.Training;

/// <summary>Labelled images that a dense network learns from.</summary>
public abstract class DenseExamples
{
    /// <summary>How many there are.</summary>
    public abstract int Count { get; }

    /// <summary>The classes that are on an image.</summary>
    public abstract IReadOnlyList<int> ClassesOf(int index);

    /// <summary>Some of them.</summary>
    public abstract DenseExamples At(int[] indices);

    /// <summary>
    /// A share of them by a seed, of which a smaller one lies within a larger: images of classes that were not yet seen come first, so that
    /// a small share has an object of each.
    /// </summary>
    /// <param name="share">In (0, 1].</param>
    /// <param name="seed">Of the draw.</param>
    public DenseExamples Share(double share, long seed)
    {
        var random = CounterRandom.For((ulong)seed, "label share");
        var (first, rest, seen) = (new List<int>(), new List<int>(), new HashSet<int>());
        foreach (var image in random.Permutation(Count))
            (ClassesOf(image).Count(seen.Add) > 0 ? first : rest).Add(image);
        return At([.. first.Concat(rest).Take(Math.Max(first.Count, (int)Math.Round(share * Count))).Order()]);
    }

    /// <summary>A share set aside by a seed, at least one and not all: the others, and those.</summary>
    public (DenseExamples Kept, DenseExamples HeldOut) Split(double share, long seed)
    {
        var order = CounterRandom.For((ulong)seed, "test split").Permutation(Count);
        var count = Math.Clamp((int)Math.Round(share * Count), 1, Count - 1);
        return (At([.. order.Skip(count).Order()]), At([.. order.Take(count).Order()]));
    }

    /// <summary>The loss on some of them, in autograd and in the present scope.</summary>
    internal abstract Tensor Loss(DenseNetwork network, int[] some, JointAugmentation how, ulong seed, long step, Device device);
}

/// <summary>Images with marked objects.</summary>
/// <param name="set">Where they are.</param>
/// <param name="items">Which of them.</param>
public sealed class DetectionExamples(DetectionSet set, int[] items) : DenseExamples
{
    /// <summary>All images of a set.</summary>
    public DetectionExamples(DetectionSet set) : this(set, [.. Enumerable.Range(0, set.Count)])
    {
    }

    /// <summary>Where they are.</summary>
    public DetectionSet Set => set;

    /// <summary>Which of them.</summary>
    public IReadOnlyList<int> Items => items;

    /// <inheritdoc/>
    public override int Count => items.Length;

    /// <inheritdoc/>
    public override IReadOnlyList<int> ClassesOf(int index) => [.. set.Objects(items[index]).Select(item => item.Class).Distinct()];

    /// <inheritdoc/>
    public override DetectionExamples At(int[] indices) => new(set, Array.ConvertAll(indices, i => items[i]));

    internal override Tensor Loss(DenseNetwork network, int[] some, JointAugmentation how, ulong seed, long step, Device device)
    {
        return Loss(
            network,
            some.Select(i => items[i]).Select(item =>
            {
                var image = set.Image(item);
                return TrainingView.Of(
                    image, set.Objects(item), how.Place(image.Width, image.Height, seed, step, item), how,
                    network.Settings.Task == DenseTask.Instances);
            }),
            seed, step, device);
    }

    /// <summary>The loss on images that were made ready, in autograd and in the present scope.</summary>
    internal static Tensor Loss(DenseNetwork network, IEnumerable<TrainingView> views, ulong seed, long step, Device device)
    {
        var (images, targets) = (new List<Tensor>(), new List<Target>());
        foreach (var view in views)
        {
            images.Add(view.Pixels.to(device));
            targets.Add(view.Target);
        }
        return network.Detector!.Losses(PaddedImages.Of(images), targets, seed, step).Values.Aggregate((a, b) => a + b);
    }
}

/// <summary>Images with a class for each pixel.</summary>
/// <param name="set">Where they are.</param>
/// <param name="items">Which of them.</param>
public sealed class SegmentationExamples(SegmentationSet set, int[] items) : DenseExamples
{
    /// <summary>All images of a set.</summary>
    public SegmentationExamples(SegmentationSet set) : this(set, [.. Enumerable.Range(0, set.Count)])
    {
    }

    /// <summary>Where they are.</summary>
    public SegmentationSet Set => set;

    /// <summary>Which of them.</summary>
    public IReadOnlyList<int> Items => items;

    /// <inheritdoc/>
    public override int Count => items.Length;

    /// <inheritdoc/>
    public override IReadOnlyList<int> ClassesOf(int index) =>
        [.. set.Mask(items[index]).Values.Distinct().Where(value => value != set.Void).Select(value => (int)value)];

    /// <inheritdoc/>
    public override SegmentationExamples At(int[] indices) => new(set, Array.ConvertAll(indices, i => items[i]));

    internal override Tensor Loss(DenseNetwork network, int[] some, JointAugmentation how, ulong seed, long step, Device device)
    {
        var (images, masks) = (new List<Tensor>(), new List<(byte[] Values, int Height, int Width)>());
        foreach (var item in some.Select(i => items[i]))
        {
            var image = set.Image(item);
            var placement = how.Place(image.Width, image.Height, seed, step, item);
            images.Add(placement.Of(image, how.Mean, how.Std).to(device));
            masks.Add((placement.Of(set.Mask(item).Values, (byte)set.Void), placement.Height, placement.Width));
        }
        var batch = PaddedImages.Of(images);
        var labels = full([masks.Count, batch.Pixels.shape[2], batch.Pixels.shape[3]], set.Void, ScalarType.Int64);
        for (var i = 0; i < masks.Count; i++)
            labels[i].narrow(0, 0, masks[i].Height).narrow(1, 0, masks[i].Width)
                .copy_(tensor(masks[i].Values, [masks[i].Height, masks[i].Width]));
        return network.Segmenter!.Loss(batch.Pixels, labels.masked_fill(labels.eq(set.Void), FcnSegmenter.Void).to(device));
    }
}
