using System.Runtime.CompilerServices;

namespace DataSsl.Kernels;

/// <summary>
/// Channels in groups: each value less its group's mean over all positions, over the group's deviation, scaled and shifted by channel; then
/// a ReLU (Wu and He 2018).
/// </summary>
internal sealed unsafe class GroupNorm : VectorStep<GroupNorm>, IVectorStep<GroupNorm>
{
    private readonly Floats weight, bias, mean, scale, shift;
    private readonly int positions, channels, size, padded, grain;

    /// <param name="groups">Divides the channels.</param>
    public GroupNorm(Machine machine, int positions, int groups, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias) : base(machine)
    {
        (this.positions, channels, padded) = (positions, weight.Length, Lanes.Padded(weight.Length));
        size = channels / groups;
        (this.weight, this.bias) = (new(weight, padded), new(bias, padded));
        (mean, scale, shift) = (new(padded), new(padded), new(padded));
        // Whole vectors and whole groups; where no share of the channels is both, one thread has them all.
        grain = size;
        while (grain % Lanes.Count != 0 && grain < padded) grain += size;
        if (grain % Lanes.Count != 0) grain = padded;
    }

    static void IVectorStep<GroupNorm>.Work<TVector>(GroupNorm step, int part, int parts) => step.Work<TVector>(part, parts);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Work<TVector>(int part, int parts) where TVector : unmanaged, IVector<TVector>
    {
        var (first, end) = Portion.Of(padded, grain, part, parts);
        if (first == end) return;
        for (var c = first; c < end; c += TVector.Width)
        {
            TVector sum = default;
            for (var i = 0; i < positions; i++) sum += TVector.Load(X + (nint)i * padded + c);
            sum.Store(mean.Pointer + c);
        }
        Groups(mean.Pointer, mean.Pointer, first, end);
        for (var c = first; c < end; c += TVector.Width)
        {
            TVector squares = default, middle = TVector.Load(mean.Pointer + c);
            for (var i = 0; i < positions; i++)
            {
                var difference = TVector.Load(X + (nint)i * padded + c) - middle;
                squares = TVector.MultiplyAdd(difference, difference, squares);
            }
            squares.Store(scale.Pointer + c);
        }
        Groups(scale.Pointer, scale.Pointer, first, end);
        for (var c = first; c < Math.Min(end, channels); c++)
        {
            scale.Pointer[c] = weight.Pointer[c] / MathF.Sqrt(scale.Pointer[c] + (float)NormEpsilon.Batch);
            shift.Pointer[c] = bias.Pointer[c];
        }
        for (var c = first; c < end; c += TVector.Width)
        {
            TVector by = TVector.Load(scale.Pointer + c), to = TVector.Load(shift.Pointer + c), middle = TVector.Load(mean.Pointer + c);
            for (var i = 0; i < positions; i++)
                TVector.Max(TVector.Broadcast(0), TVector.MultiplyAdd(TVector.Load(X + (nint)i * padded + c) - middle, by, to))
                    .Store(Y + (nint)i * padded + c);
        }
    }

    /// <summary>Each channel's value becomes the mean of its group's over the positions; beyond the channels there is zero.</summary>
    private void Groups(float* sums, float* means, int first, int end)
    {
        for (var group = first; group < Math.Min(end, channels); group += size)
        {
            var sum = 0d;
            for (var c = group; c < group + size; c++) sum += sums[c];
            for (var c = group; c < group + size; c++) means[c] = (float)(sum / ((double)positions * size));
        }
        for (var c = Math.Max(first, channels); c < end; c++) means[c] = 0;
    }
}
