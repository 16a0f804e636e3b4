using static TorchSharp.torch;

namespace DataSsl.Runtime.Training;

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

    /// <summary>The buffers kept between steps, by the name that checkpoints give them: [count] each.</summary>
    public abstract IReadOnlyList<(string Name, Tensor Values)> State { get; }

    /// <summary>Updates the values from the gradients.</summary>
    public void Step(OptimizerStep step)
    {
        using var grad = no_grad();
        Update(step);
        Store.Changed();
    }

    protected abstract void Update(OptimizerStep step);

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
