using DataSsl.Runtime.Data;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Training.Teachers;

/// <summary>
/// A network that is not trained and says what a student shall say of an image. It takes images as all networks here do: RGB less
/// ImageNet's mean, over its deviation.
/// </summary>
/// <param name="size">Side in pixels of the images that it takes.</param>
public abstract class ForeignTeacher(int size) : IDisposable
{
    /// <summary>Images that are computed at once.</summary>
    public const int Batch = 128;

    /// <summary>Side in pixels of the images that it takes.</summary>
    public int Size => size;

    /// <summary>Length of its embedding.</summary>
    public abstract int Dimension { get; }

    /// <summary>Positions of its last map along a side, the smaller where they are two; 0 where it gives none.</summary>
    public abstract int MapSide { get; }

    /// <summary>Multiply-accumulates of one image; null where they are not known.</summary>
    public virtual long? Macs => null;

    /// <summary>Gathers what the network lacks to be used, such as statistics of BatchNorm, from images as it will be shown.</summary>
    /// <param name="batches">Each [N, 3, <see cref="Size"/>, <see cref="Size"/>], good until the next.</param>
    public virtual void Prepare(IEnumerable<Tensor> batches)
    {
    }

    /// <summary>
    /// Embeddings [N, D] and, where there is one, the last map [N, C, H, W] of images [N, 3, <see cref="Size"/>, <see cref="Size"/>], N up
    /// to <see cref="Batch"/>; takes no gradient.
    /// </summary>
    public abstract (Tensor Embedding, Tensor? Map) Run(Tensor images);

    /// <summary>The same for any number of images, as unit vectors [N, D].</summary>
    /// <param name="images">[N, 3, <see cref="Size"/>, <see cref="Size"/>].</param>
    /// <param name="withMaps">Whether the maps are wanted; there must be such.</param>
    public (Tensor Embedding, Tensor? Map) Embed(Tensor images, bool withMaps = false)
    {
        using var grad = no_grad();
        using var scope = NewDisposeScope();
        var (embeddings, maps) = (new List<Tensor>(), new List<Tensor>());
        for (var first = 0L; first < images.shape[0]; first += Batch)
        {
            var (embedding, map) = Run(images.narrow(0, first, Math.Min(Batch, images.shape[0] - first)));
            embeddings.Add(embedding);
            if (withMaps) maps.Add(map!);
            else map?.Dispose();
        }
        return (nn.functional.normalize(cat(embeddings, 0), dim: 1).MoveToOuterDisposeScope(), withMaps
            ? cat(maps, 0).MoveToOuterDisposeScope() : null);
    }

    /// <summary>
    /// Refuses embeddings that tell no image from another: what would be learnt of them, or compared with them, is how they are rounded.
    /// </summary>
    /// <param name="embeddings">Unit vectors [N, D] of different images.</param>
    /// <param name="name">What messages call the teacher.</param>
    /// <exception cref="UserException">They are all the same.</exception>
    public static void MustTellApart(Tensor embeddings, string name)
    {
        const float least = 1e-5f;
        using var scope = NewDisposeScope();
        if (embeddings.shape[0] > 1 && (embeddings - embeddings.mean([0], keepdim: true)).norm(1).max().item<float>() < least)
            throw new UserException(
                $"{name}: says the same of all {embeddings.shape[0]} images, so there is nothing to learn from it; give another --teacher, or other images");
    }

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>How a run comes by its foreign teacher.</summary>
/// <param name="Open">Reads it; the caller disposes it.</param>
/// <param name="Images">The run's images, in their order, as fine as a size in pixels asks for.</param>
/// <param name="Most">Images that are embedded at the most, whose embeddings the others then share: for a trial; null for all.</param>
public sealed record TeacherSource(Func<ForeignTeacher> Open, Func<int, ImageStore> Images, int? Most = null);
