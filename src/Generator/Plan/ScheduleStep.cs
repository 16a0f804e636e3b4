using System.Collections.Generic;

namespace DataSsl.Generator.Plan;

/// <summary>What is done at once.</summary>
/// <param name="Input">The value that it takes.</param>
/// <param name="Output">The value that it gives.</param>
public abstract record ScheduleStep(Value Input, Value Output)
{
    /// <summary>What is added to what it makes of its input, which has the output's shape; null for nothing.</summary>
    public Value? Added { get; init; }

    /// <summary>Whether it writes over its input.</summary>
    public bool IsInPlace => Output.Room == Input.Room;

    /// <summary>An attention's scores, one for every pair of tokens and head, which it holds meanwhile; 0 for any other step.</summary>
    public virtual long Scores => 0;
}

/// <summary>A step of a block.</summary>
public abstract record BlockStep(PlacedBlock Block, Value Input, Value Output) : ScheduleStep(Input, Output);

/// <summary>A layer of a block, and what is done with it in one pass.</summary>
/// <param name="Kernel">Side of its kernel.</param>
/// <param name="Stride">How far that moves.</param>
public sealed record LayerStep(PlacedBlock Block, Layer Layer, int Kernel, int Stride, Value Input, Value Output)
    : BlockStep(Block, Input, Output)
{
    /// <summary>The layers that the pass takes with it, in order; what is added comes before the activation.</summary>
    public IReadOnlyList<Layer> Fused { get; init; } = [];

    /// <summary>State-dict key of the layer.</summary>
    public string Key => KeyOf(Layer);

    /// <summary>State-dict key of a layer that is fused.</summary>
    public string KeyOf(Layer layer) => NetworkPlan.KeyOf(Block.Key, layer);

    /// <inheritdoc/>
    public override long Scores => Layer.HeadSize == 0 ? 0 : Output.Positions * Output.Positions * Output.Channels / Layer.HeadSize;
}

/// <summary>The sum of a branch's result with its shortcut.</summary>
public sealed record SumStep(PlacedBlock Block, Value Input, Value Output) : BlockStep(Block, Input, Output);

/// <summary>The mean of the last map; of tokens the first one, which stays where it is.</summary>
public sealed record EmbeddingStep(Value Input, Value Output) : ScheduleStep(Input, Output);

/// <summary>The head on the embedding.</summary>
public sealed record LogitsStep(Value Input, Value Output) : ScheduleStep(Input, Output);
