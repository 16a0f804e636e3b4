using DataSsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Supernets;

/// <summary>
/// All parameters of a network in one flat buffer, gradients in another. Zeroing, the optimizer, the momentum encoder's update, casting and
/// checkpoints are then a few large operations, and gradients of slices need no full-size temporaries.
/// </summary>
/// <remarks>
/// What computes in the compute type is rounded to it slice by slice where it is used, and the gradient that comes back is widened and
/// added in 32 bits: a sum over students and groups in 16 bits would lose what is small beside it, and no second set of buffers is held.
/// Places are aligned to 32 elements; the gaps hold zeros for ever.
/// </remarks>
public sealed class ParameterStore : IDisposable
{
    private const int Alignment = 32;
    private readonly List<ParameterSlot> slots = [];
    private Tensor? values;
    private Tensor? gradients;
    private bool channelsLast;

    /// <summary>The parameters in order of declaration.</summary>
    public IReadOnlyList<ParameterSlot> Slots => slots;

    /// <summary>The flat values, 32-bit: [count].</summary>
    public Tensor Values => values ?? throw NotAllocated();

    /// <summary>The flat gradients, 32-bit: [count].</summary>
    public Tensor Gradients => gradients ?? throw NotAllocated();

    /// <summary>Whether there are gradients.</summary>
    public bool Trainable { get; private set; }

    /// <summary>Whether the values stay as they are from here on.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>The type that convolutions compute in.</summary>
    public ScalarType ComputeType { get; private set; } = ScalarType.Float32;

    /// <summary>Where the buffers are.</summary>
    public Device Device => Values.device;

    /// <summary>Adds a parameter; only before <see cref="Allocate"/>.</summary>
    public ParameterSlot Declare(
        string key, long[] shape, Initializer initializer, bool lowPrecision = false, int parts = 1, bool depthwise = false)
    {
        if (values is not null) throw new InvalidOperationException("parameters are declared before the store is allocated");
        var slot = new ParameterSlot(this, key, shape, initializer, lowPrecision, parts, depthwise);
        slots.Add(slot);
        return slot;
    }

    /// <summary>Lays out and allocates the buffers, all zero.</summary>
    /// <param name="device">Where.</param>
    /// <param name="computeType">The type that convolutions compute in.</param>
    /// <param name="trainable">Whether there are gradients.</param>
    /// <param name="like">A store of the same parameters whose layout this one gets.</param>
    public void Allocate(Device device, ScalarType computeType, bool trainable, ParameterStore? like = null)
    {
        var end = 0L;
        // While training, kernels lie as the convolutions of channels-last images take them and give their gradients; otherwise as the
        // emitted classes have them, so that both run the same kernels.
        channelsLast = like?.channelsLast ?? trainable;
        // Kernels by themselves and norms behind them: optimizers tell the two apart, and so pass over few pieces.
        foreach (var slot in slots.OrderBy(s => !s.LowPrecision))
        {
            slot.Lay(end, channelsLast);
            end += (slot.Count + Alignment - 1) / Alignment * Alignment;
        }
        (ComputeType, Trainable) = (computeType, trainable);
        values = zeros(end, ScalarType.Float32, device).DetachFromDisposeScope();
        if (!trainable) return;
        GradientLayout.Accept();
        gradients = zeros(end, ScalarType.Float32, device).DetachFromDisposeScope();
    }

    /// <summary>Fills the values by each parameter's rule. The draws depend on the seed and the layout only, not on the device.</summary>
    /// <exception cref="InvalidOperationException">The store is frozen.</exception>
    public void Initialize(long seed)
    {
        MustNotBeFrozen();
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
    }

    /// <summary>
    /// Says that the values stay as they are from here on. Slices of kernels are then laid out once as convolutions take them, which do so
    /// at each call otherwise: that takes longer than to compute on a small map.
    /// </summary>
    public void Freeze()
    {
        if (Trainable || ComputeType != ScalarType.Float32)
            throw new InvalidOperationException("a store that trains, or that computes in 16 bits, is not frozen");
        if (IsFrozen) return;
        foreach (var slot in slots) slot.DisposeSlices();
        IsFrozen = true;
    }

    /// <summary>To be called before the values are written: what is laid out already would stay as it was.</summary>
    /// <exception cref="InvalidOperationException">The store is frozen.</exception>
    public void MustNotBeFrozen()
    {
        if (IsFrozen) throw new InvalidOperationException("a frozen store's values do not change");
    }

    /// <summary>
    /// Zeroes every gradient. Before a step of an optimizer that optimizer's Begin is to be called instead: it may have something there.
    /// </summary>
    public void ZeroGradients() => Gradients.zero_();

    /// <summary>
    /// Stretches of [first, first + count) for work that passes over several buffers more than once: on the CPU short enough for the cache,
    /// elsewhere the whole.
    /// </summary>
    public IEnumerable<(long First, long Count)> Stretches(long first, long count)
    {
        var length = Device.type == DeviceType.CPU ? 1L << 18 : count;
        for (var start = first; start < first + count; start += length) yield return (start, Math.Min(length, first + count - start));
    }

    /// <summary>
    /// The buffers cut into as few pieces as can be, of parameters that lie side by side and are treated alike; gaps belong to the
    /// parameter before them.
    /// </summary>
    /// <param name="treatment">By which parameters are told apart.</param>
    internal IEnumerable<(long First, long Count, T Treatment)> Pieces<T>(Func<ParameterSlot, T> treatment)
    {
        var (first, last, present) = (0L, 0L, default(T)!);
        foreach (var slot in slots.OrderBy(s => s.Offset))
        {
            var own = treatment(slot);
            if (slot.Offset > first && !EqualityComparer<T>.Default.Equals(own, present))
            {
                yield return (first, slot.Offset - first, present);
                first = slot.Offset;
            }
            (last, present) = (slot.Offset + slot.Count, own);
        }
        if (last > first) yield return (first, Values.numel() - first, present);
    }

    /// <summary>Takes over another store's values; that one's first parameters must be all of this one's.</summary>
    /// <exception cref="InvalidOperationException">This one is frozen.</exception>
    public void CopyFrom(ParameterStore other)
    {
        MustNotBeFrozen();
        using var grad = no_grad();
        using var same = other.Values.narrow(0, 0, Values.numel());
        Values.copy_(same);
    }

    /// <summary>
    /// Leaves out what has not been sliced and shrinks the rest to its slice: a store of one architecture's weights alone. Only before
    /// <see cref="Allocate"/>.
    /// </summary>
    /// <param name="shapes">The shape of each parameter that stays.</param>
    internal void Restrict(IReadOnlyDictionary<string, long[]> shapes)
    {
        if (values is not null) throw new InvalidOperationException("parameters are left out before the store is allocated");
        slots.RemoveAll(slot => !shapes.ContainsKey(slot.Key));
        foreach (var slot in slots) slot.Shrink(shapes[slot.Key]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var slot in slots) slot.DisposeSlices();
        values?.Dispose();
        gradients?.Dispose();
    }

    private static InvalidOperationException NotAllocated() => new("the store is not allocated, or holds no gradients");
}
