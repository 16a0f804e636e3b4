using static TorchSharp.torch;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>A ring of the newest unit keys [D, K]: MoCo's negatives, for one.</summary>
public sealed class KeyQueue : IDisposable
{
    /// <summary>Fills the queue with random unit keys.</summary>
    /// <param name="dimension">Length of a key: D.</param>
    /// <param name="length">How many there are: K.</param>
    /// <param name="seed">Of the keys, the same on every device.</param>
    /// <param name="device">Where they are kept.</param>
    public KeyQueue(int dimension, int length, long seed, Device device)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        var start = randn([dimension, length], generator: generator);
        Keys = nn.functional.normalize(start, dim: 0).to(device).DetachFromDisposeScope();
    }

    /// <summary>The keys, one a column: [D, K].</summary>
    public Tensor Keys { get; }

    /// <summary>How many keys there are: K.</summary>
    public long Length => Keys.shape[1];

    /// <summary>The column that the next key overwrites.</summary>
    public long Position { get; internal set; }

    /// <summary>Overwrites the oldest keys with new ones [N, D]; N must divide the queue.</summary>
    public void Enqueue(Tensor keys)
    {
        var count = keys.shape[0];
        if (Length % count != 0) throw new InvalidOperationException($"a batch of {count} keys does not divide a queue of {Length}");
        using var grad = no_grad();
        using var place = Keys.narrow(1, Position, count);
        using var columns = keys.t();
        place.copy_(columns);
        Position = (Position + count) % Length;
    }

    /// <summary>Enqueues a part of the first target: one key an image.</summary>
    internal void EnqueueFirst(ViewOutput?[] targets, Func<ViewOutput, Tensor> part) =>
        Enqueue(part(targets.First(target => target is not null)!));

    /// <summary>What is wrong with a length that settings ask for, as <c>queue value: mend</c>; null where nothing is.</summary>
    internal static string? Problem(int length, int batch) =>
        ObjectiveBounds.Queue.Problem("queue", length)
        ?? (length == 0
            || length % batch != 0 ? $"queue {length}: give a multiple of the batch, such as {Math.Max(1, length / batch) * batch}" : null);

    /// <inheritdoc/>
    public void Dispose() => Keys.Dispose();
}
