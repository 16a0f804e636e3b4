using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime;

/// <summary>
/// All parameters of a network in one flat buffer, gradients in another. Zeroing, the optimizer, the momentum encoder's update, casting and checkpoints are then a few
/// large operations, and gradients of slices need no full-size temporaries.
/// </summary>
/// <remarks>
/// Convolution weights come first, at the same places in the 32-bit buffer and in the compute type's, so that one operation casts them all. Places are aligned to 32 elements; the gaps hold
/// zeros for ever.
/// </remarks>
public sealed class ParameterStore : IDisposable
{
    private const int Alignment = 32;
    private readonly List<ParameterSlot> slots = [];
    private Tensor? values;
    private Tensor? gradients;
    private Tensor? lowValues;
    private Tensor? lowGradients;
    private long lowCount;

    /// <summary>The parameters in order of declaration.</summary>
    public IReadOnlyList<ParameterSlot> Slots => slots;

    /// <summary>The flat values, 32-bit: [count].</summary>
    public Tensor Values => values ?? throw NotAllocated();

    /// <summary>The flat gradients, 32-bit: [count]; after <see cref="CollectGradients"/> complete.</summary>
    public Tensor Gradients => gradients ?? throw NotAllocated();

    public bool Trainable { get; private set; }

    /// <summary>The type that convolutions compute in.</summary>
    public ScalarType ComputeType { get; private set; } = ScalarType.Float32;

    public Device Device => Values.device;

    /// <summary>Adds a parameter; only before <see cref="Allocate"/>.</summary>
    public ParameterSlot Declare(string key, long[] shape, Initializer initializer, bool lowPrecision = false, int parts = 1)
    {
        if (values is not null) throw new InvalidOperationException("parameters are declared before the store is allocated");
        var slot = new ParameterSlot(this, key, shape, initializer, lowPrecision, parts);
        slots.Add(slot);
        return slot;
    }

    /// <summary>Lays out and allocates the buffers, all zero.</summary>
    public void Allocate(Device device, ScalarType computeType, bool trainable)
    {
        var end = 0L;
        foreach (var slot in slots.OrderBy(s => !s.LowPrecision))
        {
            slot.Offset = end;
            end += (slot.Count + Alignment - 1) / Alignment * Alignment;
            if (slot.LowPrecision) lowCount = end;
        }
        (ComputeType, Trainable) = (computeType, trainable);
        values = zeros(end, ScalarType.Float32, device).DetachFromDisposeScope();
        if (trainable) gradients = zeros(end, ScalarType.Float32, device).DetachFromDisposeScope();
        if (computeType == ScalarType.Float32) return;
        lowValues = zeros(lowCount, computeType, device).DetachFromDisposeScope();
        if (trainable) lowGradients = zeros(lowCount, computeType, device).DetachFromDisposeScope();
    }

    /// <summary>Fills the values by each parameter's rule. The draws depend on the seed and the layout only, not on the device.</summary>
    public void Initialize(long seed)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var generator = new Generator((ulong)seed);
        foreach (var slot in slots)
        {
            var fanOut = slot.Shape[0] * slot.Shape.Skip(2).Aggregate(1L, (n, side) => n * side);
            var fanIn = slot.Count / slot.Shape[0];
            using var full = slot.Full();
            switch (slot.Initializer)
            {
                case Initializer.Ones:
                    full.fill_(1);
                    break;
                case Initializer.Zeros:
                    break;
                default:
                    var deviation = slot.Initializer switch
                    {
                        Initializer.KaimingFanOut => Math.Sqrt(2.0 / fanOut),
                        Initializer.KaimingFanIn => Math.Sqrt(2.0 / fanIn),
                        _ => 0.02,
                    };
                    using (var draws = randn(slot.Shape, generator: generator)) full.copy_(draws.mul_(deviation));
                    break;
            }
        }
        RefreshComputeValues();
    }

    /// <summary>Casts the convolution weights to the compute type; once after every change of the values.</summary>
    public void RefreshComputeValues()
    {
        if (lowValues is null) return;
        using var grad = no_grad();
        using var weights = Values.narrow(0, 0, lowCount);
        lowValues.copy_(weights);
    }

    /// <summary>Zeroes every gradient.</summary>
    public void ZeroGradients()
    {
        Gradients.zero_();
        lowGradients?.zero_();
    }

    /// <summary>Brings gradients that were summed in the compute type into <see cref="Gradients"/>.</summary>
    public void CollectGradients()
    {
        if (lowGradients is null) return;
        using var weights = Gradients.narrow(0, 0, lowCount);
        weights.copy_(lowGradients);
    }

    /// <summary>Takes over another store's values; both must declare the same parameters.</summary>
    public void CopyFrom(ParameterStore other)
    {
        using var grad = no_grad();
        Values.copy_(other.Values);
        RefreshComputeValues();
    }

    internal Tensor ComputeBuffer(bool lowPrecision) => lowPrecision && lowValues is not null ? lowValues : Values;

    internal Tensor ComputeGradients(bool lowPrecision) => lowPrecision && lowGradients is not null ? lowGradients : Gradients;

    public void Dispose()
    {
        foreach (var slot in slots) slot.DisposeSlices();
        values?.Dispose();
        gradients?.Dispose();
        lowValues?.Dispose();
        lowGradients?.Dispose();
    }

    private static InvalidOperationException NotAllocated() => new("the store is not allocated, or holds no gradients");
}
