namespace DataSsl.Runtime.Data;

/// <summary>
/// Memory that decoders share: each takes what its picture needs before it begins, and waits while others have it. A picture that can never
/// have enough is refused.
/// </summary>
/// <param name="bytes">All of it.</param>
internal sealed class DecodingRoom(long bytes)
{
    private readonly object gate = new();
    private double taken;

    /// <summary>For whoever has taken memory of another room already.</summary>
    public static DecodingRoom Elsewhere { get; } = new(long.MaxValue);

    /// <summary>Takes memory, until the result is disposed.</summary>
    /// <exception cref="InvalidDataException">There is not as much, however long one waits.</exception>
    public Place Take(double need)
    {
        lock (gate)
        {
            while (true)
            {
                if (TryTake(need) is { } place) return place;
                Monitor.Wait(gate);
            }
        }
    }

    /// <summary>The same without waiting: null while others have it.</summary>
    /// <inheritdoc cref="Take"/>
    public Place? TryTake(double need)
    {
        if (need > bytes)
            throw new InvalidDataException(
                FormattableString.Invariant(
                    $"needs {need / 1048576:N0} MiB to decode, more than the {bytes >> 20:N0} MiB that there are for it"));
        lock (gate)
        {
            if (taken + need > bytes) return null;
            taken += need;
        }
        return new(this, need);
    }

    private void Give(double need)
    {
        lock (gate)
        {
            taken -= need;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Memory that was taken.</summary>
    internal readonly record struct Place(DecodingRoom? Room, double Bytes) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => Room?.Give(Bytes);
    }
}
