using DataSsl.Runtime.Supernets;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Optimizers;

/// <summary>One step of an optimizer.</summary>
/// <param name="Rate">Learning rate.</param>
/// <param name="WeightDecay">Weight decay.</param>
/// <param name="Step">Steps done before.</param>
/// <param name="FrozenSteps">Steps at the beginning of the run that leave <see cref="Optimizer.LateSlots"/> alone.</param>
public readonly record struct OptimizerStep(double Rate, double WeightDecay, long Step, long FrozenSteps = 0);

/// <summary>Updates a store's flat values from its flat gradients. What it keeps between steps lies in flat buffers of the same layout.</summary>
public abstract class Optimizer(ParameterStore store) : IDisposable
{
    protected ParameterStore Store { get; } = store;

    /// <summary>Parameters that the first steps of a run leave as they are, decay and momentum included (SwAV's prototypes, DINO's last layer).</summary>
    public IReadOnlyCollection<ParameterSlot> LateSlots { get; init; } = [];

    /// <summary>The largest norm that the gradient of a parameter keeps, see <see cref="OptimizerOptions"/>; 0 for any.</summary>
    public double Clip { get; init; }

    /// <summary>The buffers kept between steps, by the name that checkpoints give them: [count] each.</summary>
    public abstract IReadOnlyList<(string Name, Tensor Values)> State { get; }

    /// <summary>Updates the values from the gradients.</summary>
    public void Step(OptimizerStep step)
    {
        using var grad = no_grad();
        if (Clip > 0) ClipGradients();
        Update(step);
        Store.Changed();
    }

    protected abstract void Update(OptimizerStep step);

    /// <summary>Each parameter by itself, without a wait for the device.</summary>
    private void ClipGradients()
    {
        foreach (var slot in Store.Slots)
        {
            using var scope = NewDisposeScope();
            var gradient = slot.FullGradient();
            gradient.mul_(gradient.to(ScalarType.Float32).norm().add(1e-6).pow(-1).mul(Clip).clamp_max(1));
        }
    }

    /// <summary>Whether a step leaves a parameter alone.</summary>
    protected bool IsFrozen(ParameterSlot slot, OptimizerStep step) => step.Step < step.FrozenSteps && LateSlots.Contains(slot);

    /// <summary>Whether a parameter is a bias or a norm's scale or shift: one dimension.</summary>
    protected static bool IsVector(ParameterSlot slot) => slot.Shape.Length == 1;

    protected static Tensor Buffer(ParameterStore store) => zeros_like(store.Values).DetachFromDisposeScope();

    public virtual void Dispose()
    {
        foreach (var (_, values) in State) values.Dispose();
    }
}
