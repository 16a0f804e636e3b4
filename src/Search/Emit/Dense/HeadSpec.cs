using DataSsl.Search.Onnx;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit.Dense;

/// <summary>What an emitted network for a dense task has on its backbone.</summary>
/// <param name="Classes">What its labels stand for, from 0.</param>
public abstract record HeadSpec(IReadOnlyList<string> Classes)
{
    /// <summary>Its class over the TorchSharp API.</summary>
    internal abstract string Source(DenseSpec spec);

    /// <summary>
    /// Its class that needs nothing but .NET, on a backbone that has one too, and the kernels that it names; null where there is none.
    /// </summary>
    internal abstract (string Source, IReadOnlyList<string> Kernels)? PureSource(DenseSpec spec);

    /// <summary>Adds the whole network to a graph.</summary>
    /// <param name="state">The weights, by the emitted class's keys.</param>
    internal abstract void WriteOnnx(OnnxGraph graph, DenseSpec spec, IReadOnlyDictionary<string, Tensor> state);
}

/// <summary>A head that finds objects.</summary>
/// <param name="Score">Detections above it stay.</param>
/// <param name="Overlap">Of two of a class that overlap more the worse one goes.</param>
/// <param name="Most">Detections of an image, at most.</param>
public abstract record DetectorSpec(IReadOnlyList<string> Classes, double Score, double Overlap, int Most) : HeadSpec(Classes)
{
    /// <summary>The share of detections that the last bit of a sum may decide.</summary>
    internal virtual double Undecided => 0;
}

/// <summary>FCOS on a feature pyramid of C3 to C5; the settings are those that it was trained and evaluated with.</summary>
/// <param name="Width">Channels of the pyramid and the head.</param>
/// <param name="Depth">Convolutions before the logits, and before the boxes.</param>
/// <param name="Groups">Of each one's norm.</param>
/// <param name="Candidates">The best of each map that compete.</param>
public sealed record FcosSpec(
    IReadOnlyList<string> Classes, int Width, int Depth, int Groups, double Score, double Overlap, int Candidates, int Most)
    : DetectorSpec(Classes, Score, Overlap, Most)
{
    internal override string Source(DenseSpec spec) => FcosClass.Source(spec, this);

    internal override (string Source, IReadOnlyList<string> Kernels)? PureSource(DenseSpec spec) =>
        (FcosPureClass.Source(spec, this), FcosPureClass.Kernels);

    internal override void WriteOnnx(OnnxGraph graph, DenseSpec spec, IReadOnlyDictionary<string, Tensor> state) =>
        new FcosOnnx(graph, spec, this, state).Write();
}

/// <summary>Faster R-CNN: regions that a network proposes, told apart by what is pooled of each.</summary>
public sealed record RegionSpec(IReadOnlyList<string> Classes, double Score, double Overlap, int Most)
    : DetectorSpec(Classes, Score, Overlap, Most)
{
    /// <summary>
    /// Channels of the pyramid P2 to P6, and of the two layers on what is pooled; null where regions are pooled from C4, and the stage
    /// from there to C5 and a norm stand on them.
    /// </summary>
    public required (int Channels, int Hidden)? Pyramid { get; init; }

    /// <summary>
    /// Edges in pixels about each position of a map: left, top, right, bottom of one anchor after the other, of each map.
    /// </summary>
    public required IReadOnlyList<float[]> Anchors { get; init; }

    /// <summary>How proposals come of anchors.</summary>
    public required BoxRule ProposalBoxes { get; init; }

    /// <summary>How detections come of proposals.</summary>
    public required BoxRule Boxes { get; init; }

    /// <summary>The best anchors of each map that compete.</summary>
    public required int Candidates { get; init; }

    /// <summary>Of two proposals of a map that overlap more the worse one goes.</summary>
    public required double ProposalOverlap { get; init; }

    /// <summary>Proposals of an image, at most.</summary>
    public required int Proposals { get; init; }

    /// <summary>
    /// A region goes from one map to the next where its side in pixels is this over the map's positions a pixel, or longer.
    /// </summary>
    public required double NextMapSide { get; init; }

    /// <summary>Bins down, and across, that a region is pooled into.</summary>
    public required int Bins { get; init; }

    /// <summary>Samples down, and across, of a bin; 0 for as many as it has positions, rounded up.</summary>
    public required int Samples { get; init; }

    /// <summary>Whether a position is the middle of a pixel.</summary>
    public required bool Aligned { get; init; }

    /// <summary>
    /// Which of thousands of proposals stay hangs on their overlaps, of which some lie at the limit to rounding; another one that stays is
    /// another box.
    /// </summary>
    internal override double Undecided => 0.01;

    internal override string Source(DenseSpec spec) => RegionClass.Source(spec, this);

    internal override (string Source, IReadOnlyList<string> Kernels)? PureSource(DenseSpec spec) => null;

    internal override void WriteOnnx(OnnxGraph graph, DenseSpec spec, IReadOnlyDictionary<string, Tensor> state) =>
        new RegionOnnx(graph, spec, this, state).Write();
}

/// <summary>A fully convolutional head: scores on C5, and on finer maps before it.</summary>
/// <param name="Finer">Maps before C5 that have scores too.</param>
public sealed record FcnSpec(IReadOnlyList<string> Classes, int Finer) : HeadSpec(Classes)
{
    internal override string Source(DenseSpec spec) => SegmenterClass.Source(spec, this);

    internal override (string Source, IReadOnlyList<string> Kernels)? PureSource(DenseSpec spec) =>
        (SegmenterPureClass.Source(spec, this), SegmenterPureClass.Kernels);

    internal override void WriteOnnx(OnnxGraph graph, DenseSpec spec, IReadOnlyDictionary<string, Tensor> state) =>
        SegmenterOnnx.Write(graph, spec, this, state);
}
