namespace DataSsl.Kernels;

/// <summary>The mean of each channel over a map's positions.</summary>
internal sealed unsafe class AveragePool(Machine machine, int channels, int positions) : Step(machine)
{
    private readonly int padded = Lanes.Padded(channels);

    protected override void Run<TVector>(int part, int parts)
    {
        var (first, end) = Share(padded, Lanes.Count, part, parts);
        for (var c = first; c < end; c += TVector.Width)
        {
            TVector sum = default;
            for (var i = 0; i < positions; i++) sum += TVector.Load(X + (nint)i * padded + c);
            (sum / TVector.Broadcast(positions)).Store(Y + c);
        }
    }
}
